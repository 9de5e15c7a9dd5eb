//! The `path` of an operation: the endpoint of a resource type, or a resource below it (7644-3.7-05).

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use scim_core::{Registry, TypeDef};

/// What a path names; none if it is not of that shape. A missing slash in front, one at the end and a
/// leading version 2 do not matter.
pub(crate) fn read<'r, 'p>(
    path: &'p str,
    registry: &'r Registry,
) -> Option<(&'r Arc<TypeDef>, Option<Cow<'p, str>>)> {
    let path = path.trim_matches('/');
    let path = match path.split_once('/') {
        Some((version, rest)) if version.eq_ignore_ascii_case("v2") => rest.trim_start_matches('/'),
        _ => path,
    };
    let (endpoint, id) = path.split_once('/').map_or((path, None), |(endpoint, id)| (endpoint, Some(id)));
    let def = registry.type_at(&decode(endpoint)?)?;
    let id = match id {
        None => None,
        Some(id) if id.contains(['/', '?', '#']) || id.eq_ignore_ascii_case(".search") => return None,
        Some(id) => Some(decode(id)?),
    };
    Some((def, id))
}

fn decode(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::plain_registry;

    /// 7644-3.7-05: the shapes of a path.
    #[test]
    fn paths_of_operations() {
        let registry = plain_registry().unwrap();
        for (path, found) in [
            ("/Users", Some(("User", None))),
            ("Users", Some(("User", None))),
            ("/v2/Users", Some(("User", None))),
            ("V2/users/", Some(("User", None))),
            ("/Users/a", Some(("User", Some("a")))),
            ("/Groups/bulkId:g1", Some(("Group", Some("bulkId:g1")))),
            ("/Groups/bulkId%3Ag%201", Some(("Group", Some("bulkId:g 1")))),
            ("/v2/Users/a%2Fb", Some(("User", Some("a/b")))),
            ("", None),
            ("/", None),
            ("/v2", None),
            ("/v1/Users", None),
            ("/Users/a/b", None),
            ("/Users/.search", None),
            ("/Users/a?x=y", None),
            ("/Users?x=y", None),
            ("/Users/%ff", None),
            ("/Bulk", None),
            ("/Me", None),
            ("/Schemas", None),
            ("/ServiceProviderConfig", None),
            ("/Widgets/1", None),
            ("https://x.example/v2/Users", None),
        ] {
            let read = read(path, &registry);
            assert_eq!(read.as_ref().map(|(def, id)| (def.name(), id.as_deref())), found, "{path}");
        }
    }
}
