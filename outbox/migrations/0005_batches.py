from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0004_operations"),
    ]

    operations = [
        migrations.AddField(
            model_name="steprun",
            name="losses",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How often its process was lost with it."
            ),
        ),
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(fields=["status", "step", "event"], name="outbox_run_due"),
        ),
        migrations.RemoveIndex(model_name="steprun", name="outbox_run_status"),
    ]
