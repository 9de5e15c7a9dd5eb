//! Faults in filters.

use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{answer, edit, edit_list, entries, is_discovery, parameter};
use super::filter_text::{
    Comparison, any_comparison, compared, edit_filter, filter, flattened, inside, or_first, tokens,
    with_filter,
};

/// Finds every user that a check has made.
const ALL: &str = "id pr";
/// Finds nobody.
const NOBODY: &str = "id eq \"nobody\"";

/// Whether a filter was refused.
fn is_refused(answer: &Response) -> bool {
    answer.status == 400 && answer.json().is_ok_and(|error| error["scimType"] == "invalidFilter")
}

/// A refusal of a filter.
fn refusal() -> Response {
    answer(
        400,
        &json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
            "scimType": "invalidFilter", "detail": "the filter cannot be read",
        }),
    )
}

/// The request with a filter that finds everybody, if its own was refused and is such a one.
fn instead_of(request: &Request, answer: &Response, is_such: impl Fn(&str) -> bool) -> Option<Request> {
    let filter = filter(request).filter(|_| is_refused(answer) && !is_discovery(request))?;
    is_such(&filter).then(|| with_filter(request, ALL))
}

/// Refuses filters of a kind.
fn refuses(request: &Request, is_such: impl Fn(&str) -> bool) -> Option<Response> {
    filter(request).filter(|filter| !is_discovery(request) && is_such(filter)).map(|_| refusal())
}

/// Refuses filters with a comparison of a kind.
fn refuses_comparison(request: &Request, is_such: impl Fn(&Comparison<'_>) -> bool) -> Option<Response> {
    refuses(request, |filter| any_comparison(filter, &is_such))
}

/// Keeps the entries of a list for which something holds.
fn keep(answer: &mut Response, holds: impl Fn(&Value) -> bool) {
    edit_list(answer, |list: &mut Map<String, Value>| {
        let Some(found) = entries(list) else { return };
        let before = found.len();
        found.retain(|entry| holds(entry));
        let lost = before - found.len();
        let total = list.get("totalResults").and_then(Value::as_u64).unwrap_or_default();
        list.insert("totalResults".into(), json!(total.saturating_sub(lost as u64)));
    });
}

/// Whether the first value of an attribute, alone, is what each `eq` on it asks for.
fn agrees(entry: &Value, filter: &str, attributes: &[&str], same: fn(&str, &str) -> bool) -> bool {
    !any_comparison(filter, |comparison| {
        let Some(wanted) = comparison.text().filter(|_| comparison.is("eq")) else { return false };
        if !attributes.contains(&comparison.attribute) {
            return false;
        }
        let pointer = format!("/{}", comparison.attribute.replace('.', "/0/"));
        !entry.pointer(&pointer).and_then(Value::as_str).is_some_and(|found| same(found, &wanted))
    })
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::again("refused filters find everybody", |request, answer| instead_of(request, answer, |_| true))
        .broad(),
    Fault::again("refused filters find nobody", |request, answer| {
        instead_of(request, answer, |_| true).map(|request| with_filter(&request, NOBODY))
    })
    .broad(),
    Fault::ask("conditions on nickName overlooked", |request, _| {
        compared(request, |c| (c.attribute == "nickName" && !c.is("pr")).then(|| "nickName pr".to_owned()));
    }),
    Fault::instead("operators in lower case only", |request| {
        refuses(request, |filter| {
            tokens(filter).iter().any(|word| ["Eq", "EQ", "PR", "Sw", "AND", "NOT"].contains(word))
        })
    }),
    Fault::instead("attribute names as the schema spells them only", |request| {
        refuses_comparison(request, |c| ["DISPLAYNAME", "displayname", "USERNAME"].contains(&c.attribute))
    }),
    Fault::again("an empty filter is none", |request, answer| {
        instead_of(request, answer, |filter| filter.trim().is_empty())
    }),
    Fault::ask("eq is sw", |request, _| {
        compared(request, |c| (c.is("eq") && c.attribute == "displayName").then(|| c.with("sw")));
    }),
    Fault::answer("eq heeds case", |request, answer| {
        let Some(filter) = filter(request) else { return };
        keep(answer, |entry| agrees(entry, &filter, &["displayName", "userName"], |a, b| a == b));
    }),
    Fault::ask("eq drops blanks at the end", |request, _| {
        compared(request, |c| {
            let text = c.text().filter(|_| c.is("eq"))?;
            Some(format!("{} eq {}", c.attribute, json!(text.trim_end())))
        });
    }),
    Fault::ask("eq overlooks case", |request, _| {
        compared(request, |c| {
            let text = c.text().filter(|_| c.is("eq") && c.attribute == "externalId")?;
            let first = text.get(..1)?.to_uppercase() + text.get(1..)?;
            let (a, text, first) = (c.attribute, json!(text), json!(first));
            Some(format!("({a} eq {text} or {a} eq {first})"))
        });
    }),
    Fault::ask("ne is eq", |request, _| compared(request, |c| c.is("ne").then(|| c.with("eq")))),
    Fault::ask("ne needs a value", |request, _| {
        compared(request, |c| c.is("ne").then(|| format!("({} and {} pr)", c.with("ne"), c.attribute)));
    }),
    Fault::ask("ne on a list: no value is", |request, _| {
        compared(request, |c| {
            (c.is("ne") && c.attribute.contains('.')).then(|| format!("not ({})", c.with("eq")))
        });
    }),
    Fault::ask("co is sw", |request, _| compared(request, |c| c.is("co").then(|| c.with("sw")))),
    Fault::ask("sw is co", |request, _| compared(request, |c| c.is("sw").then(|| c.with("co")))),
    Fault::ask("ew is co", |request, _| compared(request, |c| c.is("ew").then(|| c.with("co")))),
    Fault::ask("sw and ew want more than the operand", |request, _| {
        compared(request, |c| {
            c.is_one_of(&["sw", "ew"])
                .then(|| format!("({} and not ({}))", c.with(&c.operator), c.with("eq")))
        });
    }),
    Fault::again("parts of anything can be looked for", |request, answer| {
        instead_of(request, answer, |filter| any_comparison(filter, |c| c.is_one_of(&["co", "sw", "ew"])))
    }),
    Fault::ask("pr is not pr", |request, _| {
        compared(request, |c| c.is("pr").then(|| format!("not ({} pr)", c.attribute)));
    }),
    Fault::ask("everything is present", |request, _| {
        compared(request, |c| c.is("pr").then(|| ALL.to_owned()));
    }),
    Fault::ask("gt is ge", |request, _| compared(request, |c| c.is("gt").then(|| c.with("ge")))),
    Fault::ask("ge is gt", |request, _| compared(request, |c| c.is("ge").then(|| c.with("gt")))),
    Fault::ask("lt is le", |request, _| compared(request, |c| c.is("lt").then(|| c.with("le")))),
    Fault::ask("le is lt", |request, _| compared(request, |c| c.is("le").then(|| c.with("lt")))),
    Fault::ask("gt is lt", |request, _| compared(request, |c| c.is("gt").then(|| c.with("lt")))),
    Fault::ask("offsets of times overlooked", |request, _| {
        compared(request, |c| {
            c.operand.contains('T').then(|| c.with(&c.operator).replace("+02:00", "Z").replace("+01:00", "Z"))
        });
    }),
    Fault::again("order on anything", |request, answer| {
        instead_of(request, answer, |filter| {
            any_comparison(filter, |c| c.is_one_of(&["gt", "ge", "lt", "le"]))
        })
    }),
    Fault::instead("no quoted booleans", |request| {
        refuses_comparison(request, |c| c.attribute == "active" && c.operand.starts_with('"'))
    }),
    Fault::again("a word needs no quotes", |request, answer| {
        instead_of(request, answer, |filter| {
            any_comparison(filter, |c| c.operand.starts_with(|first: char| first.is_ascii_alphabetic()))
        })
    }),
    Fault::ask("escapes in operands overlooked", |request, _| {
        compared(request, |c| {
            let raw = c.operand.strip_prefix('"')?.strip_suffix('"').filter(|raw| raw.contains('\\'))?;
            Some(format!("{} {} {}", c.attribute, c.operator, json!(raw)))
        });
    }),
    Fault::ask("null is a text", |request, _| {
        compared(request, |c| {
            (c.operand == "null" && c.is("eq")).then(|| format!("{} eq \"null\"", c.attribute))
        });
    }),
    Fault::ask("and is or", |request, _| inside(request, |word| (word == "and").then_some("or"))),
    Fault::ask("or is and", |request, _| inside(request, |word| (word == "or").then_some("and"))),
    Fault::ask("not overlooked", |request, _| inside(request, |word| (word == "not").then_some(""))),
    Fault::ask("or before and", |request, _| edit_filter(request, or_first)),
    Fault::instead("a blank after not is needed", |request| {
        refuses(request, |filter| filter.contains("not("))
    }),
    Fault::again("not without parentheses", |request, answer| {
        instead_of(request, answer, |filter| filter.starts_with("not ") && !filter.contains('('))
    }),
    Fault::ask("value filters flattened", |request, _| {
        edit_filter(
            request,
            |filter| {
                if filter.contains('[') { flattened(filter) } else { filter.to_owned() }
            },
        );
    }),
    Fault::again("brackets in brackets", |request, answer| {
        instead_of(request, answer, |filter| filter.matches('[').count() > 1)
    }),
    Fault::instead("nothing after brackets", |request| refuses(request, |filter| filter.contains("]."))),
    Fault::answer("the first value of a list only", |request, answer| {
        let Some(filter) = filter(request) else { return };
        keep(answer, |entry| agrees(entry, &filter, &["emails.value"], str::eq_ignore_ascii_case));
    }),
    Fault::instead("complex attributes have no value part", |request| {
        refuses_comparison(request, |c| {
            !c.is("pr") && ["emails", "members", "manager"].contains(&c.attribute)
        })
    }),
    Fault::again("complex attributes can be compared", |request, answer| {
        instead_of(request, answer, |filter| any_comparison(filter, |c| c.attribute == "name"))
    }),
    Fault::instead("no URIs in filters", |request| {
        refuses_comparison(request, |c| {
            c.attribute.to_lowercase().starts_with("urn:ietf:params:scim:schemas:core")
        })
    }),
    Fault::instead("URIs in one letter case", |request| {
        refuses_comparison(request, |c| c.attribute.starts_with("URN:"))
    }),
    Fault::instead("attributes of extensions need the URI", |request| {
        refuses_comparison(request, |c| c.attribute == "department")
    }),
    Fault::again("an unknown operator is eq", |request, answer| {
        instead_of(request, answer, |filter| filter.contains(" regex ") || filter.contains(" equals "))
    }),
    Fault::answer("refusals of filters do not say why", |_, answer| {
        if is_refused(answer) {
            edit(answer, |error| error["detail"] = json!("the filter is not valid"));
        }
    }),
    Fault::again("nobody has an unknown attribute", |request, answer| {
        instead_of(request, answer, |filter| filter.contains("shoeSize"))
            .map(|request| with_filter(&request, NOBODY))
    }),
    Fault::ask("nobody is active", |request, _| {
        compared(request, |c| (c.attribute == "active" && c.operand == "true").then(|| NOBODY.to_owned()));
    }),
    Fault::again("what is left open is closed", |request, answer| {
        let count = |filter: &str, of: char| filter.matches(of).count();
        instead_of(request, answer, |filter| {
            count(filter, '(') > count(filter, ')') || count(filter, '[') > count(filter, ']')
        })
    }),
    Fault::again("a filter may end early", |request, answer| {
        instead_of(request, answer, |filter| filter.ends_with("and") || filter.ends_with("eq"))
    }),
    Fault::ask("plus is no blank", |request, _| {
        if request.target.contains("filter=") && request.target.contains('+') {
            request.target = request.target.replace('+', "%2B");
        }
    }),
    Fault::instead("one blank between words", |request| refuses(request, |filter| filter.contains("  "))),
    Fault::again("no limit to filters", |request, answer| {
        instead_of(request, answer, |filter| filter.len() > 300)
    }),
    Fault::instead("no parentheses in parentheses", |request| {
        refuses(request, |filter| filter.contains("((("))
    }),
    Fault::instead("no filter on schemas", |request| {
        refuses_comparison(request, |c| c.attribute == "schemas")
    }),
    Fault::instead("no filter on meta", |request| {
        refuses_comparison(request, |c| c.attribute.starts_with("meta."))
    }),
    Fault::ask("resource types in any letter case", |request, _| {
        compared(request, |c| {
            (c.attribute == "meta.resourceType").then(|| c.with(&c.operator).replace("\"user\"", "\"User\""))
        });
    }),
    Fault::instead("no filter on ims", |request| refuses(request, |filter| filter.contains("ims["))),
    Fault::answer("a filter where there are none", |request, response| {
        let off = response.status == 501 || is_refused(response);
        if off && parameter(request, "filter").is_some_and(|filter| filter == "userName pr") {
            *response = answer(200, &json!({ "totalResults": 0, "Resources": [] }));
        }
    }),
];
