//! Any JSON as a resource: created, then put over what came of it.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use scim_core::{Leniency, Omitted};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, json)) = bytes.split_first() else { return };
    let Ok(Value::Object(body)) = serde_json::from_slice(json) else { return };
    let def = support::def(*choice);
    let leniency = if choice & 2 != 0 { Leniency::strict() } else { Leniency::default() };
    let omitted = if choice & 4 != 0 { Omitted::Kept } else { Omitted::Cleared };
    let Ok(created) = def.create(body.clone(), leniency) else { return };
    support::check(def, &created.document);
    // What could be created can be put again, and changes nothing.
    let replaced = def.replace(&created.document, body, leniency, omitted).unwrap();
    support::check(def, &replaced.document);
    assert_eq!(replaced.document, created.document);
});
