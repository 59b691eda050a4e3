"""The permissions that a run needs on Google Cloud, each with the smallest predefined role that contains it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from provisioning_assets.doctor.models import Finding, State

UNKNOWN_MEMBER = "user:YOUR_ADDRESS"
"""Stands in a command for the account, if Google does not say whose the credentials are."""


@dataclass(frozen=True)
class Right:
    """A permission.

    Args:
        permission: as IAM names it.
        role: the predefined role that a command grants.
        why: what it is needed for.
        needed: False: a run works without it.
    """

    permission: str
    role: str
    why: str
    needed: bool = True


# Roles and their permissions as listed on cloud.google.com/iam/docs/roles-permissions, read in November 2026. Who creates a data
# set or an agent becomes the owner of it, so that loading, chatting, changing and deleting need no right on the project.
PROJECT_RIGHTS = (
    Right("bigquery.datasets.create", "roles/bigquery.user", "The data set of each demo is created in BigQuery."),
    Right("bigquery.datasets.get", "roles/bigquery.user", "Before a data set is written, it is looked up whose it is."),
    Right(
        "bigquery.jobs.create", "roles/bigquery.jobUser", "Tables are loaded and queries are run as jobs of BigQuery."
    ),
    Right(
        "geminidataanalytics.dataAgents.create",
        "roles/geminidataanalytics.dataAgentCreator",
        "The data agent of each demo is created.",
    ),
    Right(
        "geminidataanalytics.operations.get",
        "roles/geminidataanalytics.dataAgentCreator",
        "The creation of an agent is awaited.",
    ),
    # An agent that does not exist has no owner: whether it exists can only be asked with a right on the project.
    Right(
        "geminidataanalytics.dataAgents.get",
        "roles/geminidataanalytics.dataAgentViewer",
        "Before an agent is created, it is looked up.",
    ),
    Right(
        "geminidataanalytics.dataAgents.list",
        "roles/geminidataanalytics.dataAgentViewer",
        "provision doctor asks the Conversational Analytics API for a list of agents.",
        needed=False,
    ),
    # roles/cloudaicompanion.user is asked for by the guide of the Conversational Analytics API. Of its permissions, this is the
    # one that the API names when it refuses a chat's conversation.
    Right(
        "cloudaicompanion.topics.create", "roles/cloudaicompanion.user", "Gemini answers the questions put to agents."
    ),
    Right(
        "serviceusage.services.use",
        "roles/serviceusage.serviceUsageConsumer",
        "Calls of a user's credentials are counted on the project's quota.",
        needed=False,
    ),
)
"""Rights on the project."""

BUCKET_RIGHTS = tuple(
    Right(f"storage.objects.{verb}", "roles/storage.objectUser", why)
    for verb, why in (
        ("create", "Artefacts and tables are written to the bucket."),
        ("get", "Artefacts are read from the bucket, and BigQuery loads tables from it."),
        ("list", "The demos of the store are listed."),
        ("delete", "Artefacts are replaced, and demos are removed."),
    )
)
"""Rights on the bucket of the store."""


@dataclass(frozen=True)
class Place:
    """Where rights are granted: a project or a bucket.

    Args:
        what: how the finding names it.
        command: the beginning of the command that grants a role there.
    """

    what: str
    command: str

    def grant(self, role: str, member: str) -> str:
        """Return the command that grants the role to the member."""
        return f"{self.command} --member={member} --role={role}"


def project_place(project: str) -> Place:
    """Return the project as a place. ``--condition=None``: a policy that has conditions makes gcloud ask otherwise."""
    return Place(f"project {project}", f"gcloud projects add-iam-policy-binding {project} --condition=None")


def bucket_place(bucket: str) -> Place:
    """Return the bucket as a place."""
    return Place(f"bucket {bucket}", f"gcloud storage buckets add-iam-policy-binding gs://{bucket}")


def rights_findings(
    rights: Sequence[Right], held: Collection[str], unknown: Collection[str], place: Place, member: str
) -> list[Finding]:
    """Return one finding for all rights that are held, and one for each role that is lacking.

    Args:
        rights: what is needed.
        held: permissions that the account has.
        unknown: permissions that the service could not be asked for.
        place: where they are granted.
        member: the account, as IAM names it, e.g. ``serviceAccount:demo@p.iam.gserviceaccount.com``.
    """
    what = f"Permissions on the {place.what}"
    lacking = [right for right in rights if right.permission not in held and right.permission not in unknown]
    findings = []
    fine = [right for right in rights if right.permission in held]
    if fine:
        found = f"{'all' if len(fine) == len(rights) else f'{len(fine)} of'} {len(rights)} are granted"
        findings.append(Finding(what, State.OK, found, "A run creates and reads things there."))
    for role in dict.fromkeys(right.role for right in lacking):
        parts = [right for right in lacking if right.role == role]
        state = State.MISSING if any(right.needed for right in parts) else State.WARNING
        found = f"not granted: {_listed(right.permission for right in parts)}"
        findings.append(Finding(what, state, found, " ".join(right.why for right in parts), place.grant(role, member)))
    if unknown:
        asked = sorted(unknown)
        findings.append(
            Finding(
                what,
                State.WARNING,
                f"could not be checked: the service does not know {_listed(asked)}",
                " ".join(right.why for right in rights if right.permission in unknown),
            )
        )
    return findings


def _listed(permissions: Iterable[str]) -> str:
    return ", ".join(permissions)
