output "store" {
  description = "PROVISIONING_STORE"
  value       = "gs://${google_storage_bucket.demos.name}/demos"
}

output "service_account" {
  description = "Attach it to the machine, or name it in the annotation of deployment/kubernetes/values.yaml"
  value       = google_service_account.provisioning.email
}

output "image" {
  description = "Where the image is pushed to, without its tag"
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}/provisioning-assets"
}
