"""Makes a rehearsed Conversational Analytics demo from a company's website address.

The packages, in the order a demo passes through them: ``customers`` (the request), ``research``, ``planning``,
``synthesis``, ``quality``, ``warehouse``, ``golden``, ``agent``, ``content``, ``lifecycle``. Dagster loads
``definitions``; ``cli`` is the command line.

Importing it, which every command, run and worker process does first, says how ``gs://`` addresses are opened.
"""

import os

from upath.registry import register_implementation

# gcsfs reads it when it is imported. With its support of other kinds of bucket it asks for the bucket's kind over gRPC, which
# takes a right that is not needed otherwise, and a minute against an emulator.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"

for _protocol in ("gs", "gcs"):
    # by name: what it imports takes most of a second, and only a store on Cloud Storage needs it
    register_implementation(_protocol, "provisioning_assets.cloud_storage.BucketPath", clobber=True)
