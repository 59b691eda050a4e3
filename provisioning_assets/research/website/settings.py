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
        description="hosts that may be read although their address is not public; whole host names without a port",
    )
    chromium: str | None = Field(
        default=None,
        validation_alias="PROVISIONING_CHROMIUM",
        description="path of the Chromium binary; if unset, the usual places are searched",
    )
    chromium_sandbox: bool = Field(
        default_factory=lambda: not _running_as_root(),
        description="whether Chromium's sandbox is used; off by default for root, who cannot use it",
    )
    user_agent: str = Field(
        default="Mozilla/5.0 (compatible; ProvisioningAssets/0.1)",
        description="User-Agent header of every request; it should contain ``robots_agent``",
    )
    robots_agent: str = Field(default="ProvisioningAssets", description="name by which robots.txt rules are selected")

    max_pages: int = Field(default=30, ge=1, description="pages read from one site")
    max_page_bytes: int = Field(default=5_000_000, ge=1, description="bytes of one response body, after decompression")
    max_seconds: float = Field(default=60.0, gt=0, description="seconds for the whole site")
    max_page_seconds: float = Field(default=15.0, gt=0, description="seconds for one page, retries included")
    connect_seconds: float = Field(default=5.0, gt=0, description="seconds to resolve the name and connect")
    parallel: int = Field(default=8, ge=1, description="requests at the same time")
    max_redirects: int = Field(default=10, ge=0, description="redirects followed for one page")
    attempts: int = Field(default=3, ge=1, description="attempts of one request if the failure looks temporary")
    retry_wait_seconds: float = Field(
        default=0.5, ge=0, description="seconds before the first retry; doubled for each further one"
    )
    max_retry_after_seconds: float = Field(
        default=5.0, ge=0, description="longest wait, in seconds, for a Retry-After header"
    )
    max_sitemaps: int = Field(default=6, ge=0, description="sitemap files read, index files included")
    max_sitemap_addresses: int = Field(default=2_000, ge=0, description="addresses taken from the sitemaps")
    max_browser_pages: int = Field(default=8, ge=0, description="pages rendered in Chromium; 0: none")
    max_browser_seconds: float = Field(default=15.0, gt=0, description="seconds for one page in Chromium")
    max_browser_requests: int = Field(default=150, ge=1, description="requests one page may make in Chromium")
    max_browser_bytes: int = Field(default=20_000_000, ge=1, description="bytes one page may load in Chromium")
    browser_text_characters: int = Field(
        default=200, ge=0, description="a page with scripts and less text than this is rendered in Chromium"
    )
    max_stylesheets: int = Field(default=6, ge=0, description="linked stylesheets read for brand colours")
    max_stylesheet_bytes: int = Field(
        default=400_000, ge=0, description="bytes of CSS read for brand colours, in total"
    )
    max_logo_bytes: int = Field(default=200_000, ge=1, description="maximum bytes of the stored logo")
    max_saved_files: int = Field(default=5_000, ge=1, description="files examined in a folder of saved pages")

    @field_validator("allow_private_hosts", mode="before")
    @classmethod
    def _split_comma_list(cls, given: object) -> object:
        if isinstance(given, str):
            given = given.split(",")
        if isinstance(given, (list, tuple, set, frozenset)):
            return tuple(sorted({str(host).strip().lower().strip("[]").rstrip(".") for host in given} - {""}))
        return given
