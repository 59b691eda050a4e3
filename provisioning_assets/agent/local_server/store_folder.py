"""The store's folder on this machine."""

from pathlib import Path

from upath import UPath

from provisioning_assets.errors import ProvisioningError


def local_folder(store: UPath | Path) -> Path:
    """Return the store as an absolute local folder.

    Raises:
        ProvisioningError: the store is not on this machine. This server reads DuckDB files, which need a file system.
    """
    if isinstance(store, UPath) and store.protocol not in ("", "file", "local"):
        raise ProvisioningError(
            f"The local Conversational Analytics server cannot use the store {store}.",
            "Set PROVISIONING_STORE to a folder on this machine.",
        )
    return Path(str(store.path if isinstance(store, UPath) else store)).absolute()
