# The account that makes demos. No key of it exists: a machine or a pod has it attached.
resource "google_service_account" "provisioning" {
  project      = var.project_id
  account_id   = "provisioning-assets"
  display_name = "Makes Conversational Analytics demos"

  depends_on = [google_project_service.apis]
}

locals {
  # Everything that the account may do in the whole project. Rights on the bucket and on secrets are granted there.
  provisioning_roles = toset([
    # Runs jobs, creates data sets and becomes the owner of those it creates. It can read the names and labels of other
    # data sets (so that it can refuse them), but not their rows.
    "roles/bigquery.user",
    # Creates data agents and becomes the owner of those it creates.
    "roles/geminidataanalytics.dataAgentCreator",
    # Looks whether an agent exists before it creates one: an agent that does not exist has no owner.
    "roles/geminidataanalytics.dataAgentViewer",
    # Uses Gemini for Google Cloud, which answers the questions.
    "roles/cloudaicompanion.user",
    # Calls APIs in the name of this project, for quota.
    "roles/serviceusage.serviceUsageConsumer",
  ])

  presenter_roles = toset([
    "roles/bigquery.dataViewer",
    "roles/bigquery.jobUser",
    "roles/cloudaicompanion.user",
    "roles/geminidataanalytics.dataAgentUser",
  ])
}

resource "google_project_iam_member" "provisioning" {
  for_each = local.provisioning_roles

  project = var.project_id
  role    = each.value
  member  = google_service_account.provisioning.member
}

resource "google_storage_bucket_iam_member" "provisioning" {
  bucket = google_storage_bucket.demos.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.provisioning.member
}

resource "google_secret_manager_secret_iam_member" "provisioning" {
  project   = var.project_id
  secret_id = google_secret_manager_secret.claude.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.provisioning.member
}

# The Kubernetes account becomes this account without a key.
resource "google_service_account_iam_member" "kubernetes" {
  count = var.use_kubernetes ? 1 : 0

  service_account_id = google_service_account.provisioning.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project_id}.svc.id.goog[${var.kubernetes_namespace}/${var.kubernetes_service_account}]"
}

resource "google_project_iam_member" "presenters" {
  for_each = {
    for pair in setproduct(var.presenters, local.presenter_roles) : "${pair[0]} ${pair[1]}" => pair
  }

  project = var.project_id
  member  = each.value[0]
  role    = each.value[1]

  depends_on = [google_project_service.apis]
}
