"""Subscriptions without a hook, for streams; and comparing an account's calls with the vendor's own, as upkeep."""

from django.db import migrations, models

import common.crypto


class Migration(migrations.Migration):
    dependencies = [("integrations", "0004_upkeep_trouble")]

    operations = [
        migrations.AlterField(
            model_name="vendorsubscription",
            name="hook_token",
            field=common.crypto.EncryptedJSONField(
                help_text="the secret part of the callback address; streams have none", null=True
            ),
        ),
        migrations.AlterField(
            model_name="vendorsubscription",
            name="hook_token_digest",
            field=models.BinaryField(null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="upkeep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("refresh_token", "Refresh Token"),
                    ("subscriptions", "Subscriptions"),
                    ("directory", "Directory"),
                    ("calls", "Calls"),
                ],
                max_length=20,
            ),
        ),
    ]
