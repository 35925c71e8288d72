from functools import cached_property

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage


class BucketStorage(Storage):
    """Files in the bucket that the variables of django-storages name; Debian's package of that leaves S3 out."""

    @cached_property
    def bucket(self):
        s3 = boto3.resource(
            "s3",
            endpoint_url=settings.AWS_S3_ENDPOINT_URL,
            region_name=settings.AWS_S3_REGION_NAME,
        )
        return s3.Bucket(settings.AWS_STORAGE_BUCKET_NAME)

    def _save(self, name, content):
        self.bucket.put_object(Key=name, Body=content.read())
        return name

    def _open(self, name, mode="rb"):
        try:
            return ContentFile(self.bucket.Object(name).get()["Body"].read(), name)
        except (BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error

    def exists(self, name):
        """Names are digests of what they hold: one that is there already holds the same."""
        return False
