resource "google_artifact_registry_repository" "images" {
  project       = var.project_id
  location      = var.region
  repository_id = "provisioning-assets"
  format        = "DOCKER"
  description   = "The image of deployment/docker/Dockerfile"

  # A tag that a run was started with always means the same image.
  docker_config {
    immutable_tags = true
  }

  depends_on = [google_project_service.apis]
}
