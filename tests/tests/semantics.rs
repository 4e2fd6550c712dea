//! docs/SEMANTICS.md says of each promise who relies on it, through what it holds, and
//! which tests hold it; these are there, and every row of the faults holds a promise.

#[cfg(test)]
mod semantics {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    const PAGE: &str = include_str!("../../docs/SEMANTICS.md");
    const HELD_BY: &str = "*Held by:*";
    /// What every promise says.
    const FIELDS: [&str; 3] = ["*Relies on it:*", "*Through:*", HELD_BY];
    /// Where tests are that the page calls end to end.
    const END_TO_END: &str = "tests/tests/e2e";

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// Every promise by its number, with all that is said of it.
    fn promises() -> Vec<(usize, &'static str)> {
        let sections = PAGE.split("\n#");
        let bold = sections.flat_map(|section| section.split("\n**").skip(1));
        let number = |text: &str| text.split_once(". ")?.0.parse::<usize>().ok();
        let numbered = bold.filter_map(|text| Some((number(text)?, text)));
        numbered.collect()
    }

    /// What a promise says under a field; nothing, if it has none.
    fn field<'a>(text: &'a str, name: &str) -> &'a str {
        let after = text.split_once(name).map_or("", |(_, after)| after);
        let others = FIELDS.into_iter().chain(["*Not:*"]);
        let ends = others.filter_map(|other| after.find(other)).min();
        after.get(..ends.unwrap_or(after.len())).unwrap().trim()
    }

    /// What stands between backticks, each with the words before it.
    fn spans(text: &str) -> impl Iterator<Item = (&str, &str)> {
        let mut parts = text.split('`');
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    /// The functions of a file, or of all files below a folder.
    fn functions(path: &Path) -> BTreeSet<String> {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            return paths.flat_map(|path| functions(&path)).collect();
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            return BTreeSet::new();
        }
        let source = std::fs::read_to_string(path).unwrap();
        let code = source.lines().filter(|it| !it.trim().starts_with("//"));
        code.filter_map(|line| {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.find(|word| *word == "fn")?;
            words.next().map(str::to_owned)
        })
        .collect()
    }

    /// A path from the root, in the folder just named, or as the end of one of the files
    /// named so far and of no other.
    fn located(path: &str, folder: &Path, named: &BTreeSet<PathBuf>) -> Option<PathBuf> {
        let mut places = [PathBuf::from(path), folder.join(path)].into_iter();
        let is_there = |place: &PathBuf| root().join(place).exists();
        places.find(is_there).or_else(|| {
            let mut alike = named.iter().filter(|file| file.ends_with(path));
            let one = alike.next()?.clone();
            alike.next().is_none().then_some(one)
        })
    }

    /// What is said to hold a promise, and is not there.
    fn missing(held_by: &str, named: &mut BTreeSet<PathBuf>) -> Vec<String> {
        let mut missing = Vec::new();
        let (mut place, mut folder) = (None, PathBuf::new());
        let no_commands = spans(held_by).filter(|(_, span)| !span.contains(' '));
        for (before, span) in no_commands {
            if before.contains("end to end") {
                folder = END_TO_END.into();
                place = Some(folder.clone());
            }
            if span.contains('/') || span.ends_with(".rs") {
                place = located(span, &folder, named);
                match &place {
                    Some(path) if path.extension().is_none() => folder.clone_from(path),
                    Some(file) => named.extend([file.clone()]),
                    None => missing.push(format!("{span} is no path, or several")),
                }
                continue;
            }
            let is_it = |name: &String| match span.strip_suffix('…') {
                Some(start) => name.starts_with(start),
                None => name == span,
            };
            match &place {
                Some(place) if functions(&root().join(place)).iter().any(is_it) => {}
                Some(place) => missing.push(format!("{span} is not in {}", place.display())),
                None => missing.push(format!("{span} stands behind no path")),
            }
        }
        missing
    }

    /// `fault_NN_`, if a test is named after such a row.
    fn row(name: &str) -> Option<String> {
        let row = name.get(.."fault_NN_".len())?;
        let number = row.strip_prefix("fault_")?.strip_suffix('_')?;
        number.parse::<u8>().is_ok().then(|| row.to_owned())
    }

    #[test]
    fn every_promise_has_its_number_and_three_fields() {
        assert!(!promises().is_empty());
        for (before, (number, text)) in promises().into_iter().enumerate() {
            assert_eq!(number, before + 1, "the number after {before}");
            for name in FIELDS {
                assert_ne!(field(text, name), "", "promise {number} lacks {name}");
            }
        }
    }

    #[test]
    fn every_test_that_is_said_to_hold_a_promise_is_there() {
        let mut named = BTreeSet::new();
        let mut open = Vec::new();
        for (number, text) in promises() {
            let missing = missing(field(text, HELD_BY), &mut named);
            open.extend(missing.iter().map(|it| format!("promise {number}: {it}")));
        }
        assert_eq!(open, [""; 0]);
    }

    #[test]
    fn every_row_of_the_faults_holds_a_promise() {
        let folders = ["functions", "shared", "infra", "tests"].map(|it| root().join(it));
        let tests = folders.iter().flat_map(|folder| functions(folder));
        let tested: BTreeSet<String> = tests.filter_map(|name| row(&name)).collect();
        assert!(!tested.is_empty());
        let promises = promises();
        let held_by = promises.iter().map(|(_, text)| field(text, HELD_BY));
        let names = held_by.flat_map(spans).filter_map(|(_, name)| row(name));
        let named: BTreeSet<String> = names.collect();
        let open: Vec<&String> = tested.difference(&named).collect();
        assert!(open.is_empty(), "no promise names {open:?}");
    }
}
