"""How rows that are written again and again are stored: whole and uncompressed in their page, with room to change there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cti", "0002_row_security")]

    operations = [
        migrations.RunSQL(
            [
                # Compressing facts and snapshot at every event cost more than writing them.
                "ALTER TABLE cti_call ALTER COLUMN facts SET STORAGE EXTERNAL",
                "ALTER TABLE cti_call ALTER COLUMN snapshot SET STORAGE EXTERNAL",
                "ALTER TABLE cti_call SET (toast_tuple_target = 8160, fillfactor = 60)",
                "ALTER TABLE cti_event ALTER COLUMN body SET STORAGE EXTERNAL",
                "ALTER TABLE cti_event SET (toast_tuple_target = 8160)",
                "ALTER TABLE cti_loghead SET (fillfactor = 20)",
            ],
            migrations.RunSQL.noop,
        )
    ]
