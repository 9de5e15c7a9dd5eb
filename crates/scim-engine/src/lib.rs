//! The provisioning engine: what storage backends implement, the pipeline, the in-memory store, the contract suite.
