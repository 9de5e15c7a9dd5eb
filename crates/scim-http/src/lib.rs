//! Any provisioning engine as an HTTP service.
