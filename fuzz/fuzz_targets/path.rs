//! Any text as the path of a PATCH operation, and as an attribute path.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_syntax::{Limits, parse_attr_path, parse_patch_path, parse_patch_path_with};

fuzz_target!(|text: &str| {
    let patch = parse_patch_path(text);
    match &patch {
        Ok(path) => {
            // Printing may add blanks.
            let limits = Limits::default().with_bytes(usize::MAX);
            let printed = path.to_string();
            assert_eq!(parse_patch_path_with(&printed, &limits).as_ref(), Ok(path), "{printed}");
            assert_eq!(path.clone().into_owned(), *path);
        }
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error:?}");
            assert!(!error.in_filter() || text.contains(']'), "{error:?}");
        }
    }
    match parse_attr_path(text) {
        // An attribute path is a PATCH path without brackets.
        Ok(path) => assert_eq!(patch, Ok(path.into())),
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error:?}");
            assert!(patch.is_err() || text.contains('['), "{error:?}");
        }
    }
});
