use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn catalogue(names: &[&str]) -> TeamCatalogue {
    TeamCatalogue::new(
        names.iter().enumerate().map(|(id, name)| Team { name: (*name).into(), id: id.to_string() }),
    )
}

fn names(teams: &TeamCatalogue, list: &str) -> Result<Vec<String>, AworkRefusal> {
    Ok(teams.find(list)?.into_iter().map(|team| team.name.clone()).collect())
}

#[track_caller]
fn finds(teams: &TeamCatalogue, list: &str, found: &[&str]) {
    assert_eq!(names(teams, list), Ok(strings(found)), "{list:?}");
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// D-63, A-9: exact names, and every unknown one is listed.
#[test]
fn exact_names_only() {
    let teams = catalogue(&["Design", "Sales", "Ops"]);
    finds(&teams, "Design", &["Design"]);
    finds(&teams, "Sales,Design", &["Design", "Sales"]);
    let refused = |list, unknown: &[&str]| {
        assert_eq!(
            names(&teams, list),
            Err(AworkRefusal::UnknownTeams { names: strings(unknown) }),
            "{list:?}"
        );
    };
    refused("design", &["design"]);
    refused("Desgin,Sales,OPS,Desgin", &["Desgin", "OPS"]);
    refused("Design;Sales", &["Design;Sales"]);
    refused("Design Sales", &["Design Sales"]);
}

/// A-11, A-12: blanks around names, empty parts and repeats do not matter; nothing named is no team.
#[test]
fn blanks_empties_repeats() {
    let teams = catalogue(&["A", "B", "A B"]);
    finds(&teams, " A ,\tB\n", &["A", "B"]);
    finds(&teams, ",A,, ,B,", &["A", "B"]);
    finds(&teams, "B,A,B,A", &["A", "B"]);
    finds(&teams, "A B", &["A B"]);
    assert!(names(&teams, "A  B").is_err());
    for list in ["", " ", ",", " , ,, ", "\"\"", "\"\" , \"\""] {
        finds(&teams, list, &[]);
    }
}

/// A-10: quotes, and neighbours that are one name together, the longest first.
#[test]
fn names_with_commas() {
    let teams = catalogue(&["Design, UX", "Design", "UX", "Dev", "Design, UX, Web", "a,b,c", "b", "D,"]);
    finds(&teams, r#""Design, UX",Dev"#, &["Design, UX", "Dev"]);
    finds(&teams, r#" "Design, UX" , "Dev" "#, &["Design, UX", "Dev"]);
    finds(&teams, "Design, UX,Dev", &["Design, UX", "Dev"]);
    finds(&teams, "Design,UX,Dev", &["Design", "Dev", "UX"]);
    finds(&teams, r#""Design", UX"#, &["Design", "UX"]);
    finds(&teams, "Dev,Design, UX, Web", &["Design, UX, Web", "Dev"]);
    finds(&teams, "Design, UX , Dev", &["Design, UX", "Dev"]);
    finds(&teams, "a,b,c ,b", &["a,b,c", "b"]);
    finds(&teams, "D,,Dev", &["D,", "Dev"]);
    assert_eq!(
        names(&teams, "a,b,cc"),
        Err(AworkRefusal::UnknownTeams { names: strings(&["a", "cc"]) }),
        "a name ends where a part ends"
    );
    assert_eq!(names(&teams, "Design, U"), Err(AworkRefusal::UnknownTeams { names: strings(&["U"]) }));
}

/// A-10: quotes inside names, and quotes that are not CSV.
#[test]
fn quotes_in_names() {
    let teams = catalogue(&[r#"The "A" team"#, r#""B"#, r#"C""#, " D ", "E", r#"F,"G""#]);
    finds(&teams, r#"The "A" team,E"#, &["E", r#"The "A" team"#]);
    finds(&teams, r#""The ""A"" team",E"#, &["E", r#"The "A" team"#]);
    assert_eq!(
        names(&teams, r#""B,C""#),
        Err(AworkRefusal::UnknownTeams { names: strings(&["B,C"]) }),
        "proper quotes come first"
    );
    finds(&teams, r#"E,"B"#, &[r#""B"#, "E"]);
    finds(&teams, r#"C",E"#, &[r#"C""#, "E"]);
    finds(&teams, r#"" D ",E"#, &[" D ", "E"]);
    finds(&teams, r#"F,"G",E"#, &["E", r#"F,"G""#]);
}

/// A-13: a name that two teams share is refused, an unknown name first.
#[test]
fn shared_names_are_ambiguous() {
    let teams = catalogue(&["Dev", "Dev", "Ops"]);
    finds(&teams, "Ops", &["Ops"]);
    assert_eq!(names(&teams, "Ops,Dev,Dev"), Err(AworkRefusal::AmbiguousTeams { names: strings(&["Dev"]) }));
    assert_eq!(names(&teams, "Dev,dev"), Err(AworkRefusal::UnknownTeams { names: strings(&["dev"]) }));
}

/// D-64, A-10: a name is quoted where a list could be misread, and nowhere else.
#[test]
fn list_names() {
    for (known, name, listed) in [
        (&["Design", "Sales", "Design, UX"][..], "Sales", "Sales"),
        (&["Design", "Sales", "Design, UX"], "Design", "Design"),
        (&["Design", "Sales", "Design, UX", "Design, UX, Sales"], "Sales", "\"Sales\""),
        (&["Design", "UX", "Design, UX"], "UX", "\"UX\""),
        (&["Design"], "Design", "Design"),
        (&["A", "B", "A,B"], "A,B", "A,B"),
        (&["A", "B", " A,B"], "A", "A"),
        (&["A", "B", "C", "A,,B"], "A", "\"A\""),
        (&["A", "B", "C", "A,,B"], "C", "C"),
        (&["A", "A,A"], "A", "\"A\""),
        (&["A", "B", "A,\"B"], "A", "\"A\""),
        (&["A", ","], "A", "\"A\""),
        (&["A", "AB,CA"], "A", "A"),
        (&[" A"], " A", "\" A\""),
        (&["A "], "A ", "\"A \""),
        (&["\"A\""], "\"A\"", "\"\"\"A\"\"\""),
        (&["\""], "\"", "\""),
        (&["\"A"], "\"A", "\"A"),
    ] {
        assert_eq!(catalogue(known).list_name(name), listed, "{name:?} of {known:?}");
    }
}

/// The text that is shown for a user in these teams.
fn shown(teams: &TeamCatalogue, held: &[&str], text: Option<(&str, &str)>) -> Option<String> {
    let end = |name: &&str| scim_core::FarEnd {
        resource_type: "Team".into(),
        id: (*name).into(),
        name: Some(teams.list_name(name).into_owned()),
        visible: true,
        direct: true,
    };
    let text = text.map(|(of, text)| serde_json::json!({ "of": of, "text": text }));
    scim_core::shown_names(held.iter().map(end).collect(), text.as_ref())
}

/// The text that would be shown without one that was sent.
fn joined(teams: &TeamCatalogue, held: &[&str]) -> String {
    shown(teams, held, None).unwrap_or_default()
}

/// D-64: what was sent while it is true, else the names in order.
#[test]
fn the_text_last_sent_is_shown_while_it_is_true() {
    let teams = catalogue(&["Design", "Sales", "Ops", "Design, UX"]);
    for (sent, held, text) in [
        ("Sales, Design", &["Design", "Sales"][..], "Sales, Design"),
        ("Sales,,Design,Sales", &["Design", "Sales"], "Sales,,Design,Sales"),
        ("Sales, Design", &["Design"], "Design"),
        ("Sales", &["Sales", "Ops"], "Ops,Sales"),
        ("Design, UX", &["Design, UX"], "Design, UX"),
        ("Ops", &["Ops", "Design, UX"], "\"Design, UX\",Ops"),
    ] {
        let named: Vec<String> = names(&teams, sent).unwrap();
        let of = joined(&teams, &named.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(shown(&teams, held, Some((&of, sent))).as_deref(), Some(text), "{sent:?} {held:?}");
    }
    assert_eq!(shown(&teams, &[], Some(("", "Sales"))), None);
}

/// D-64, A-10: a team that comes later does not change what a shown text says.
#[test]
fn a_new_team_with_a_comma() {
    let before = catalogue(&["A", "B", "C"]);
    for sent in ["A,B", "A, B", "A,,B", "B,A", "A,B,B"] {
        let of = joined(&before, &["A", "B"]);
        let after = catalogue(&["A", "B", "C", sent]);
        let text = shown(&after, &["A", "B"], Some((&of, sent))).unwrap();
        assert_eq!(text, "\"A\",\"B\"", "{sent:?}");
        finds(&after, &text, &["A", "B"]);
    }
}

/// A list made to cost time: every part may begin hundreds of names, and no quote is ever closed.
#[test]
fn long_lists_are_read() {
    let long: Vec<String> = (1..=255).map(|parts| ["a"].repeat(parts).join(",") + ",b").collect();
    let teams = catalogue(&long.iter().map(String::as_str).collect::<Vec<_>>());
    let list = "a,".repeat(50_000);
    assert_eq!(names(&teams, &list), Err(AworkRefusal::UnknownTeams { names: strings(&["a"]) }));
    let list = "\"\"\"a,".repeat(50_000);
    assert_eq!(names(&teams, &list), Err(AworkRefusal::UnknownTeams { names: strings(&["\"\"\"a"]) }));
}

proptest! {
    #[test]
    fn any_list_gets_an_answer(list in any::<String>(), known in vec("[ab, \"]{1,5}", 0..8)) {
        let teams = catalogue(&known.iter().map(String::as_str).collect::<Vec<_>>());
        if let Ok(found) = teams.find(&list) {
            prop_assert!(found.is_sorted());
        }
    }

    /// A-10, A-11, D-64: whatever is shown names exactly the teams it was made from.
    #[test]
    fn shown_teams_read_back(
        known in vec(prop_oneof!["[ab, \"]{1,8}", "[ab]", "\\PC{1,12}"], 0..10),
        held in vec(any::<bool>(), 10),
        sent in proptest::option::of("[ab, \"]{0,12}"),
    ) {
        let known: BTreeSet<_> = known.iter().map(String::as_str).collect();
        let teams = catalogue(&known.iter().copied().collect::<Vec<_>>());
        let held = known.iter().copied().zip(held).filter_map(|(name, held)| held.then_some(name));
        let held: Vec<&str> = held.collect();
        let sent = sent.as_deref().and_then(|sent| Some((names(&teams, sent).ok()?, sent)));
        let sent = sent.map(|(named, sent)| {
            (joined(&teams, &named.iter().map(String::as_str).collect::<Vec<_>>()), sent)
        });
        let text = shown(&teams, &held, sent.as_ref().map(|(of, sent)| (of.as_str(), *sent)));
        prop_assert_eq!(text.is_none(), held.is_empty());
        let read_back = names(&teams, text.as_deref().unwrap_or(""));
        prop_assert_eq!(read_back, Ok(strings(&held)));
    }

    /// A-10: the longest name that fits is taken, as by trying every one of them.
    #[test]
    fn the_longest_name_is_joined(
        known in vec("[ab,]{1,6}", 0..8),
        list in "[ab, ]{0,12}",
    ) {
        let known: BTreeSet<_> = known.iter().map(String::as_str).filter(|name| name.contains(',')).collect();
        let mut expected = Vec::new();
        let mut rest = list.as_str();
        loop {
            let tail = rest.trim_start();
            let ends = (0..=tail.len()).rev().filter(|&end| tail[end..].trim_start().is_empty()
                || tail[end..].trim_start().starts_with(','));
            let joined = ends.clone().find(|&end| known.contains(&tail[..end]));
            let end = joined.unwrap_or_else(|| tail.find(',').unwrap_or(tail.len()));
            let name = tail[..end].trim();
            if !name.is_empty() {
                expected.push(name);
            }
            match tail[end..].trim_start().strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
        let commas = CommaNames::new(known.iter().copied());
        let read: Vec<_> = commas.read(&list).collect();
        prop_assert_eq!(read, expected);
    }
}
