terraform {
  required_version = ">= 1.6"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # State holds no secret: secrets get their values from gcloud, not from here. Share it in a bucket if several people apply:
  # backend "gcs" { bucket = "..." }
}

provider "google" {
  project = var.project_id
  region  = var.region
}
