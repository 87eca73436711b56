from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0006_schedules"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(
                fields=["subject", "step", "status", "event"], name="outbox_run_order"
            ),
        ),
        migrations.RemoveIndex(model_name="steprun", name="outbox_run_subject"),
    ]
