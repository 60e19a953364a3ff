"""S3, Amazon's and everybody else's: requests of our own, with the credentials that boto3 finds."""

from storage.s3.adapter import S3Storage
from storage.s3.bucket import Bucket
from storage.s3.credentials import Keys
from storage.s3.refusal import Concern, RefusedError, concern

__all__ = ["Bucket", "Concern", "Keys", "RefusedError", "S3Storage", "concern"]
