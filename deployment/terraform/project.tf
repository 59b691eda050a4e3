resource "google_project" "this" {
  count = var.create_project ? 1 : 0

  project_id          = var.project_id
  name                = var.project_id
  billing_account     = var.billing_account
  folder_id           = var.folder_id
  org_id              = var.org_id
  auto_create_network = false
  # `terraform destroy` must not take a project with everything that people put in it.
  deletion_policy = "PREVENT"
}

locals {
  # Each with why it is needed.
  apis = toset(concat([
    "artifactregistry.googleapis.com",     # the image
    "bigquery.googleapis.com",             # data sets
    "cloudaicompanion.googleapis.com",     # Gemini for Google Cloud, which data agents run on
    "cloudresourcemanager.googleapis.com", # this configuration reads and grants rights of the project
    "geminidataanalytics.googleapis.com",  # data agents: the Conversational Analytics API
    "iam.googleapis.com",                  # the service account
    "iamcredentials.googleapis.com",       # pods act as it
    "secretmanager.googleapis.com",        # Claude's key, the database's password
    "storage.googleapis.com",              # the store
    ], var.use_kubernetes ? [
    "container.googleapis.com", # the cluster
  ] : []))
}

resource "google_project_service" "apis" {
  for_each = local.apis

  project = var.project_id
  service = each.value
  # Others may use the same API in this project.
  disable_on_destroy = false

  depends_on = [google_project.this]
}
