//! Which resource a path names ([RFC 7644 §3.2]).
//!
//! [RFC 7644 §3.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.2

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use scim_core::{Registry, TypeDef};

/// What a path names. Endpoints are found in any letter case, ids are exact (7644-3.2-01).
#[derive(Debug)]
pub(crate) enum Route<'r> {
    /// `/`: resources of all types.
    Root,
    /// `/.search`: the same by POST.
    RootSearch,
    /// `/Users`.
    Collection(&'r TypeDef),
    /// `/Users/.search`.
    Search(&'r TypeDef),
    /// `/Users/{id}`.
    Resource(&'r TypeDef, Cow<'r, str>),
    /// `/ServiceProviderConfig`.
    Configuration,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// `/ResourceTypes/{name}`.
    ResourceType(Cow<'r, str>),
    /// `/Schemas`.
    Schemas,
    /// `/Schemas/{uri}`.
    Schema(Cow<'r, str>),
    /// `/Bulk`.
    Bulk,
    /// `/Me`.
    Me,
    /// A version that is not offered.
    BadVersion(&'r str),
    /// Nothing.
    Unknown,
}

/// Reads paths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Router<'r> {
    pub(crate) registry: &'r Registry,
    /// The path that stands before everything, without slashes at its ends.
    pub(crate) prefix: &'r str,
    pub(crate) versions: bool,
}

impl<'r> Router<'r> {
    /// Finds what the path names; slashes too many at either end do not count.
    pub(crate) fn route(self, path: &'r str) -> Route<'r> {
        let Some(path) = strip_prefix(path.trim_matches('/'), self.prefix) else { return Route::Unknown };
        let (first, rest) = split(path);
        if self.versions
            && let Some(version) = version(first)
        {
            if version != "2" {
                return Route::BadVersion(first);
            }
            let (first, rest) = split(rest.unwrap_or_default());
            return self.endpoint(first, rest);
        }
        self.endpoint(first, rest)
    }

    fn endpoint(self, first: &'r str, rest: Option<&'r str>) -> Route<'r> {
        let (Some(endpoint), Ok(rest)) = (decode(first), rest.map(decode_one).transpose()) else {
            return Route::Unknown;
        };
        let is = |name: &str| endpoint.eq_ignore_ascii_case(name);
        let is_search = |text: &str| text.eq_ignore_ascii_case(".search");
        match rest {
            None if endpoint.is_empty() => Route::Root,
            None if is_search(&endpoint) => Route::RootSearch,
            None if is("ServiceProviderConfig") => Route::Configuration,
            None if is("ResourceTypes") => Route::ResourceTypes,
            None if is("Schemas") => Route::Schemas,
            None if is("Bulk") => Route::Bulk,
            None if is("Me") => Route::Me,
            Some(name) if is("ResourceTypes") && !is_search(&name) => Route::ResourceType(name),
            Some(uri) if is("Schemas") && !is_search(&uri) => Route::Schema(uri),
            rest => match (self.registry.type_at(&endpoint), rest) {
                (None, _) => Route::Unknown,
                (Some(def), None) => Route::Collection(def),
                (Some(def), Some(id)) if is_search(&id) => Route::Search(def),
                (Some(def), Some(id)) => Route::Resource(def, id),
            },
        }
    }
}

/// What stands behind the prefix, without a slash in front.
fn strip_prefix<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    if rest.is_empty() || prefix.is_empty() {
        Some(rest)
    } else {
        Some(rest.strip_prefix('/')?.trim_start_matches('/'))
    }
}

fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

/// The number in a segment such as `v2` or `v1.1`.
fn version(segment: &str) -> Option<&str> {
    let number = segment.strip_prefix(['v', 'V'])?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    number.split('.').all(digits).then_some(number)
}

/// A segment without percent-encoding; none where it is not UTF-8 then.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// The same for what must be the last segment.
fn decode_one(segment: &str) -> Result<Cow<'_, str>, ()> {
    if segment.contains('/') { Err(()) } else { decode(segment).ok_or(()) }
}

#[cfg(test)]
mod tests {
    use scim_core::{ResourceType, schema};

    use super::*;

    fn registry() -> Registry {
        Registry::builder()
            .schema(schema::user())
            .schema(schema::group())
            .resource_type(ResourceType::new("User", "/Users", schema::urn::USER))
            .resource_type(ResourceType::new("Group", "/Groups", schema::urn::GROUP))
            .build()
            .unwrap()
    }

    fn name(route: &Route<'_>) -> String {
        match route {
            Route::Collection(def) => def.name().to_owned(),
            Route::Search(def) => format!("{} search", def.name()),
            Route::Resource(def, id) => format!("{} {id}", def.name()),
            other => format!("{other:?}"),
        }
    }

    #[track_caller]
    fn routes(prefix: &str, versions: bool, rows: &[(&str, &str)]) {
        let registry = registry();
        let router = Router { registry: &registry, prefix, versions };
        for (path, expected) in rows {
            assert_eq!(name(&router.route(path)), *expected, "{path}");
        }
    }

    /// 7644-3.2-01: endpoints in any case, ids exact and decoded, slashes at the end.
    #[test]
    fn paths_name_resources() {
        let rows = [
            ("", "Root"),
            ("/", "Root"),
            ("/.search", "RootSearch"),
            ("/Users", "User"),
            ("/uSERS/", "User"),
            ("//Users", "User"),
            ("/%55sers", "User"),
            ("/Users/Ab", "User Ab"),
            ("/Users/Ab/", "User Ab"),
            ("/Users/a%20b%2Fc", "User a b/c"),
            ("/Users/.search", "User search"),
            ("/Groups/.Search/", "Group search"),
            ("/Users/a/b", "Unknown"),
            ("/Users//a", "Unknown"),
            ("/Users/%ff", "Unknown"),
            ("/Widgets", "Unknown"),
            ("/v2/Users", "Unknown"),
            ("*", "Unknown"),
        ];
        routes("", false, &rows);
    }

    /// 7644-4-01, 7644-4-03: discovery; the plural of the configuration is nothing.
    #[test]
    fn paths_name_discovery() {
        let rows = [
            ("/ServiceProviderConfig", "Configuration"),
            ("/serviceproviderconfig/", "Configuration"),
            ("/ServiceProviderConfigs", "Unknown"),
            ("/ServiceProviderConfig/x", "Unknown"),
            ("/ResourceTypes", "ResourceTypes"),
            ("/ResourceTypes/User", "ResourceType(\"User\")"),
            ("/Schemas", "Schemas"),
            ("/Schemas/urn%3Ax:y", "Schema(\"urn:x:y\")"),
            ("/Schemas/.search", "Unknown"),
            ("/ResourceTypes/.search", "Unknown"),
            ("/Bulk", "Bulk"),
            ("/Me", "Me"),
            ("/mE/", "Me"),
            ("/Me/x", "Unknown"),
        ];
        routes("", false, &rows);
    }

    /// 7644-3.13-01, 7644-3.13-02: versions, where they are asked for.
    #[test]
    fn versions_stand_before_the_endpoint() {
        let rows = [
            ("/v2/Users", "User"),
            ("/V2/Users/1", "User 1"),
            ("/v2", "Root"),
            ("/Users", "User"),
            ("/v1/Users", "BadVersion(\"v1\")"),
            ("/v9", "BadVersion(\"v9\")"),
            ("/v1.1/Users", "BadVersion(\"v1.1\")"),
            ("/vx/Users", "Unknown"),
            ("/v2/v2/Users", "Unknown"),
        ];
        routes("", true, &rows);
    }

    /// 7644-1.3-01: any path may stand before the endpoints.
    #[test]
    fn a_prefix_is_stripped_whole() {
        let rows = [
            ("/scim/v2/Users", "User"),
            ("/scim/v2", "Root"),
            ("/scim/v2/", "Root"),
            ("/scim/v2//Users", "User"),
            ("/scim/v22/Users", "Unknown"),
            ("/Users", "Unknown"),
            ("/scim", "Unknown"),
        ];
        routes("scim/v2", false, &rows);
    }
}
