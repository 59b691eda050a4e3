variable "project_id" {
  description = "The project in which demos are made. Nothing else should live in it: presenters can read all its data sets."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "create_project" {
  description = "Whether Terraform makes the project; otherwise it exists."
  type        = bool
  default     = false
}

variable "billing_account" {
  description = "Of a project that Terraform makes, such as 000000-AAAAAA-000000."
  type        = string
  default     = null
}

variable "folder_id" {
  description = "Folder of a project that Terraform makes; empty for none."
  type        = string
  default     = null
}

variable "org_id" {
  description = "Organisation of a project that Terraform makes outside of a folder; empty for none."
  type        = string
  default     = null
}

variable "region" {
  description = "Region of the image registry, such as us-central1 or europe-west3."
  type        = string
  default     = "us-central1"
}

variable "location" {
  description = "Location of the bucket. BigQuery loads from it, so it must be that of the data sets (BIGQUERY_LOCATION)."
  type        = string
  default     = "US"
}

variable "bucket" {
  description = "Name of the bucket for demos, one in the world; PROJECT-demos if empty."
  type        = string
  default     = ""
}

variable "demo_retention_days" {
  description = "Days after which an object of a demo is deleted, whatever became of the demo."
  type        = number
  default     = 400

  validation {
    # A demo lives for 365 days at most (`provision run --ttl-days`).
    condition     = var.demo_retention_days > 365
    error_message = "More than 365 days: a demo that is still alive would lose its tables."
  }
}

variable "kubernetes_namespace" {
  description = "Namespace of the Helm release."
  type        = string
  default     = "provisioning"
}

variable "kubernetes_service_account" {
  description = "Kubernetes account of the code server and the runs, as in deployment/kubernetes/values.yaml."
  type        = string
  default     = "provisioning-assets"
}

variable "use_kubernetes" {
  description = "Whether pods act as the provisioning account. Needs a cluster in this project: the first makes the identity pool."
  type        = bool
  default     = false
}

variable "presenters" {
  description = "Who may ask the agents: members such as group:demos@example.com. They can read every demo of the project."
  type        = list(string)
  default     = []
}
