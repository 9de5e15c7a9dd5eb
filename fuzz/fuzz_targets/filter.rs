//! Any text as a filter: an answer, and what parses prints as something that parses to the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_syntax::{Limits, parse_filter, parse_filter_with};

fuzz_target!(|text: &str| {
    match parse_filter(text) {
        Ok(filter) => {
            // Printing may add blanks, and one pair of parentheses inside brackets.
            let limits = Limits::default().with_bytes(usize::MAX).with_depth(usize::MAX);
            let printed = filter.to_string();
            assert_eq!(parse_filter_with(&printed, &limits), Ok(filter.clone()), "{printed}");
            assert_eq!(filter.clone().into_owned(), filter);
        }
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error:?}");
            assert!(!error.to_string().is_empty());
        }
    }
});
