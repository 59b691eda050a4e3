"""All limits for reading a website. Only this module reads the environment variables of the crawler."""

import os
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _running_as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


class CrawlSettings(BaseSettings):
    """Limits for reading one website once.

    ``CrawlSettings()`` has the defaults below. Environment variables override them: ``PROVISIONING_ALLOW_PRIVATE_HOSTS``,
    ``PROVISIONING_CHROMIUM``, and ``PROVISIONING_CRAWL_<FIELD>`` for the limits. A keyword argument overrides both.
    """

    model_config = SettingsConfigDict(
        env_prefix="PROVISIONING_CRAWL_", frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    allow_private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias="PROVISIONING_ALLOW_PRIVATE_HOSTS",
        description="hosts that may be reached although their address is not public; compared whole, without a port",
    )
    chromium: str | None = Field(
        default=None,
        validation_alias="PROVISIONING_CHROMIUM",
        description="path of the Chromium binary; searched for when unset",
    )
    chromium_sandbox: bool = Field(
        default_factory=lambda: not _running_as_root(),
        description="Chromium's own sandbox; the superuser cannot use it, so it is off for root only",
    )
    user_agent: str = Field(
        default="Mozilla/5.0 (compatible; ProvisioningAssets/0.1)",
        description="sent with every request; its product name is the one that robots.txt rules are matched with",
    )
    robots_agent: str = Field(default="ProvisioningAssets", description="our name in robots.txt")

    max_pages: int = Field(default=30, ge=1, description="pages read of one site")
    max_page_bytes: int = Field(default=5_000_000, ge=1, description="bytes of one body, after decompression")
    max_seconds: float = Field(default=60.0, gt=0, description="seconds for the whole site")
    max_page_seconds: float = Field(default=15.0, gt=0, description="seconds for one page, retries included")
    connect_seconds: float = Field(default=5.0, gt=0, description="seconds to resolve and connect")
    parallel: int = Field(default=8, ge=1, description="requests at a time")
    max_redirects: int = Field(default=10, ge=0, description="redirects followed for one page")
    attempts: int = Field(default=3, ge=1, description="tries of one request when the failure looks passing")
    retry_wait_seconds: float = Field(default=0.5, ge=0, description="first wait before a retry; doubles each time")
    max_retry_after_seconds: float = Field(default=5.0, ge=0, description="longest Retry-After that is waited for")
    max_sitemaps: int = Field(default=6, ge=0, description="sitemap files read, index files included")
    max_sitemap_addresses: int = Field(default=2_000, ge=0, description="addresses taken from the sitemaps")
    max_browser_pages: int = Field(default=8, ge=0, description="pages rendered in Chromium; 0 switches it off")
    max_browser_seconds: float = Field(default=15.0, gt=0, description="seconds for one page in Chromium")
    max_browser_requests: int = Field(default=150, ge=1, description="requests one page may make in Chromium")
    max_browser_bytes: int = Field(default=20_000_000, ge=1, description="bytes one page may load in Chromium")
    browser_text_characters: int = Field(
        default=200, ge=0, description="a page with scripts and less text than this is rendered in Chromium"
    )
    max_stylesheets: int = Field(default=6, ge=0, description="linked stylesheets read for brand colours")
    max_stylesheet_bytes: int = Field(default=400_000, ge=0, description="bytes of CSS read for colours, all together")
    max_logo_bytes: int = Field(default=200_000, ge=1, description="bytes of the logo that is kept")
    max_saved_files: int = Field(default=5_000, ge=1, description="files looked at in a folder of saved pages")

    @field_validator("allow_private_hosts", mode="before")
    @classmethod
    def _split_comma_list(cls, given: object) -> object:
        if isinstance(given, str):
            given = given.split(",")
        if isinstance(given, (list, tuple, set, frozenset)):
            return tuple(sorted({str(host).strip().lower().strip("[]").rstrip(".") for host in given} - {""}))
        return given
