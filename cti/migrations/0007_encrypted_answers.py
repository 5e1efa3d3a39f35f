"""Kept answers are encrypted from now on. Those of the last day are forgotten: they are in clear."""

from django.db import migrations

import common.crypto


class Migration(migrations.Migration):
    dependencies = [("cti", "0006_stream_overview")]

    operations = [
        migrations.RunSQL("TRUNCATE cti_idempotentrequest", migrations.RunSQL.noop),
        migrations.AlterField(
            "idempotentrequest",
            "body",
            common.crypto.EncryptedJSONField(help_text="a vendor's own answer may hold secrets", null=True),
        ),
    ]
