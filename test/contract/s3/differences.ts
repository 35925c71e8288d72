const NO_ARCHIVE =
  'it has no archive: an object of the class GLACIER is not taken, RestoreObject is not offered';
const NO_REPLICATION = 'it replicates between whole clusters, not by rules of a bucket';
const NO_CHECKSUMS = 'it came before the checksum headers: it neither keeps nor checks them';
const ONE_REGION = 'its one region is called `default`, whatever a request is signed for';

/**
 * Where Ceph's object gateway (16.2, as in Debian 12) is known to differ from AWS, whose documentation the
 * sandbox follows then: why, by the title of the rule. Such a rule is tried on it all the same and must
 * fail, so that an entry that has become wrong is noticed.
 */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'a stream of known length is taken in chunks': 'it does not know trailers: unsigned chunks are refused',
  'a checksum by CRC32 is verified, kept and returned': NO_CHECKSUMS,
  'a checksum by CRC32C is verified, kept and returned': NO_CHECKSUMS,
  'a checksum by SHA1 is verified, kept and returned': NO_CHECKSUMS,
  'a checksum by SHA256 is verified, kept and returned': NO_CHECKSUMS,

  'a read says that it found a marker': 'its 404 has no x-amz-delete-marker',
  'a marker cannot be read': 'its answer is NoSuchKey, 404',
  'a head of a marker is refused as a read of it is': 'its answer is 404',
  'a version that is not there is NoSuchVersion': 'its answer is NoSuchKey',
  'an id that cannot be one is InvalidArgument': 'its answer is NoSuchKey: it looks for any text',

  'an encoded key has its slashes': 'it encodes them, and a space as %20',
  'a token that is none is InvalidArgument': 'its token is the last key, and any text can be one',
  'a listing of versions goes on after one that was removed meanwhile':
    'it leaves out the rest of that key: list again instead of going on when versions are removed while listing',
  'a version marker needs a key marker': 'it ignores the version marker',

  'a copy may say its tags anew': 'it drops the tags',
  'a copy says which version it was made of': 'it does not say',
  'a copy may depend on the ETag of its source': 'it ignores the condition',
  'a copy may depend on its source having another ETag': 'it ignores the condition',

  'the end of an upload says the ETag': 'it says none: ask for it with HEAD',
  'a part of a finished object can be asked about': 'it ignores partNumber',
  'a copy of an object in parts is an object in one piece': 'it keeps the ETag of the parts',
  'an upload that is not there is NoSuchUpload': 'its answer is NoSuchKey',
  'parts are named in their order': 'it takes them in any',

  'a lifecycle rule does something': 'its answer is MalformedXML',
  'infrequent access takes objects of thirty days and more': 'it has no infrequent access',
  'a rule may delete markers that nothing is left of': 'it returns an empty filter as none',
  'the smallest size to be moved is the default, unless it is said with the rules':
    'it moves nothing to other classes by itself, and says no size',
  'a policy that is no JSON is MalformedPolicy': 'its answer is InvalidArgument',
  'the block of public access is lifted': 'what was lifted is returned as four times «no»',
  'public access is blocked in a new bucket': 'it is not',
  'a new bucket is encrypted with keys of S3': 'it encrypts nothing unless told to, and returns no rule',
  'encryption is set': 'it takes keys of a key server only',
  'a bucket without replication says so': 'it answers with an empty configuration',

  'whose uploads are is kept, returned and deleted': 'it does not know ownership controls',
  'logs of access go to a bucket that is there': 'it writes none, and takes no place for them',
  'a website is kept, returned and deleted': 'it has none unless its cluster is told to',
  'acceleration is kept and returned': 'it has none',
  'who is told of events gets an id, and an empty configuration tells nobody':
    'it knows topics only, and those that were made before',
  'configurations of Intelligent-Tiering come and go by their ids': 'it has no tiers',
  'Object Lock demands versions, and that they are kept': 'it locks only buckets that were made for it',

  'a bucket that belongs to another account than expected is not touched':
    'it does not know x-amz-expected-bucket-owner: nothing is held against it',
  'elsewhere it is BucketAlreadyOwnedByYou': ONE_REGION,
  'a bucket of us-east-1 has no location constraint': ONE_REGION,
  'a bucket of another region is PermanentRedirect, and says where it is': ONE_REGION,

  'an archived object is known and cannot be read': NO_ARCHIVE,
  'a restore under way is said, and is not begun twice': NO_ARCHIVE,
  'a restored copy can be read until it expires': NO_ARCHIVE,
  'a listing says which objects are being restored': NO_ARCHIVE,
  'a restored object is brought back for good by copying it onto itself': NO_ARCHIVE,
  'what is not archived is not restored': NO_ARCHIVE,
  'nothing is expedited out of the deep archive': NO_ARCHIVE,

  'a replication rule is kept and returned': NO_REPLICATION,
  'an object is replicated as the same version': NO_REPLICATION,
  'what no rule names stays where it is': NO_REPLICATION,
  'delete markers are replicated where the rule says so': NO_REPLICATION,
  'a version that is removed stays in the replica': NO_REPLICATION,
  'both ends of a replication are versioned': NO_REPLICATION,
  'versioning is not suspended under a replication': NO_REPLICATION,
};
