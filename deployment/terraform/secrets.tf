# Places for secrets. Their values are added by `gcloud secrets versions add`, so that no state or plan ever holds them.
resource "google_secret_manager_secret" "claude" {
  project   = var.project_id
  secret_id = "anthropic-api-key"

  replication {
    auto {}
  }

  depends_on = [google_project_service.apis]
}

# Read by whoever sets up the database and the cluster, not by the account that makes demos.
resource "google_secret_manager_secret" "database" {
  project   = var.project_id
  secret_id = "dagster-database-password"

  replication {
    auto {}
  }

  depends_on = [google_project_service.apis]
}
