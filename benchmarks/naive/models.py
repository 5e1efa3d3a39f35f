from django.db import models


class Event(models.Model):
    room = models.CharField(max_length=32)
    received_at = models.DateTimeField(auto_now_add=True)
    payload = models.JSONField()

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"event {self.pk}"
