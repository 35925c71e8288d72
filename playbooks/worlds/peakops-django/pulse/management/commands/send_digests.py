from time import sleep

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from pulse.models import Digest


class Command(BaseCommand):
    help = "Notes again and again that a digest was sent: a program of its own that writes, as a cron job does."

    def handle(self, **_):
        while True:
            try:
                Digest.objects.create()
            except DatabaseError as error:
                self.stderr.write(str(error))
                connection.close()
            sleep(1)
