from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0003_moment"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="ledgerevent",
            options={
                "ordering": ["sequence"],
                "permissions": [
                    ("view_operations", "Can see Operations"),
                    (
                        "manage_operations",
                        "Can retry and discard steps and start schedules",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="steprun",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("dead", "Dead"),
                    ("discarded", "Discarded"),
                ],
                default="waiting",
                max_length=16,
            ),
        ),
    ]
