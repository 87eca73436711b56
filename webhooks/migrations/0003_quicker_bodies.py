"""Bodies are compressed with lz4, which costs a tenth of PostgreSQL's own."""

from typing import Any

from django.db import migrations

_LZ4 = "ALTER TABLE webhooks_delivery ALTER COLUMN body SET COMPRESSION lz4"
_HAS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def compress_quicker(_apps: Any, schema_editor: Any) -> None:
    """On PostgreSQL; its builds may lack lz4, and then keep the default."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_HAS_LZ4)
        has_lz4 = cursor.fetchone()
    if has_lz4 and has_lz4[0]:
        schema_editor.execute(_LZ4)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_tests_of_no_event")]

    operations = [migrations.RunPython(compress_quicker, migrations.RunPython.noop)]
