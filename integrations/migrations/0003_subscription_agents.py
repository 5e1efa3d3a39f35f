from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="vendorsubscription",
            name="agents",
            field=models.JSONField(default=list, help_text="whose calls it is about, as AgentFilters; empty means everybody"),
        ),
    ]
