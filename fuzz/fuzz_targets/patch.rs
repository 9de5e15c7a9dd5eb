//! Any PATCH on any resource: `[resource, PATCH]` as JSON behind a byte of choices.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use scim_core::{Leniency, PatchRequest};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, json)) = bytes.split_first() else { return };
    let Ok(pair) = serde_json::from_slice::<[Value; 2]>(json) else { return };
    let [Value::Object(resource), Value::Object(patch)] = pair else { return };
    let def = support::def(*choice);
    let leniency = if choice & 2 != 0 { Leniency::strict() } else { Leniency::default() };
    let Ok(created) = def.create(resource, Leniency::default()) else { return };
    let Ok(request) = PatchRequest::read(patch, leniency) else { return };
    let endpoints = support::endpoints();
    let context = support::context(&endpoints);
    let before = created.document.clone();
    let first = def.patch(&created.document, request.clone(), leniency, &context);
    // Applying is pure: whatever came of it, the resource is as it was, and it comes out the same again.
    assert_eq!(created.document, before);
    assert_eq!(def.patch(&before, request, leniency, &context), first);
    if let Ok(desired) = first {
        support::check(def, &desired.document);
    }
});
