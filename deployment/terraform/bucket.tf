resource "google_storage_bucket" "demos" {
  project  = var.project_id
  name     = var.bucket != "" ? var.bucket : "${var.project_id}-demos"
  location = var.location

  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # A bucket with demos is not deleted by accident.
  force_destroy = false

  # Blocks of tables are replaced often, and can be made again: no second copy of them is kept.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    condition {
      age = var.demo_retention_days
    }
    action {
      type = "Delete"
    }
  }

  # Parts of uploads that were never finished are paid for, and no one sees them.
  lifecycle_rule {
    condition {
      age = 1
    }
    action {
      type = "AbortIncompleteMultipartUpload"
    }
  }

  depends_on = [google_project_service.apis]
}
