"""Row-level security of devices and queues."""

from django.db import migrations

from tenants.rls import RowSecurity


class Migration(migrations.Migration):
    dependencies = [("integrations", "0006_devices_queues_and_states"), ("tenants", "0002_row_security")]

    operations = [RowSecurity("integrations_device"), RowSecurity("integrations_queue")]
