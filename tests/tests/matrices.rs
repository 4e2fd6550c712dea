//! Every row of the tables of bad input and of faults has a test that is named after
//! it, `row_NN_…` or `fault_NN_…`. What a row says in full is what its tests do.

#[cfg(test)]
mod matrices {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// What may be posted to the endpoint, and what may lie in the queue.
    const BAD_INPUT: [(u8, &str); 40] = [
        (1, "a valid signed event"),
        (2, "another method than POST"),
        (3, "an unknown path"),
        (4, "no signature header"),
        (5, "a signature header without content, t or v1"),
        (6, "a t that is no number"),
        (7, "two t, or a header folded into one"),
        (8, "a v1 that is no SHA-256 in hex"),
        (9, "several v1 while a secret is rolled"),
        (10, "v0 alone"),
        (11, "the secret of another endpoint"),
        (12, "a t that is too old"),
        (13, "a t that is ahead"),
        (14, "an exact replay in time"),
        (15, "a changed or re-serialised body"),
        (16, "a body in base64"),
        (17, "a body that is not the base64 it claims to be"),
        (18, "a compressed body"),
        (19, "a body that a queue cannot hold"),
        (20, "an empty body"),
        (21, "a body that is not JSON"),
        (22, "no UTF-8, or characters that SQS refuses"),
        (23, "nesting of thousands of levels"),
        (24, "a key that comes twice"),
        (25, "an id that is missing or would break a key"),
        (26, "an unknown type"),
        (27, "an unknown version, unknown fields"),
        (28, "a required field that is missing"),
        (29, "the other mode"),
        (30, "an account that is none"),
        (31, "no account"),
        (32, "amounts and currencies that are none"),
        (33, "a time in the future or in 1970"),
        (34, "another body under a known id"),
        (35, "a thin event"),
        (36, "a flood of headers, a slow request"),
        (37, "a queue that is down"),
        (38, "secrets out of reach"),
        (39, "an injection into the logs"),
        (40, "a message of a later schema"),
    ];

    /// What may fail behind the endpoint.
    const FAULTS: [(u8, &str); 47] = [
        (1, "an event sent twice"),
        (2, "two events about one effect"),
        (3, "events out of order"),
        (4, "events of one second"),
        (5, "an event that comes days or weeks late"),
        (6, "an event that never comes"),
        (7, "an event that Stripe cannot make"),
        (8, "ingest dies before sending"),
        (9, "a send whose answer is lost"),
        (10, "a queue that throttles or fails"),
        (11, "an answer to Stripe that is lost"),
        (12, "apply dies before a write"),
        (13, "apply dies after a write"),
        (14, "a timeout in the middle of a batch"),
        (15, "a function that panics or is killed"),
        (16, "poison in a standard queue"),
        (17, "poison in an account's group"),
        (18, "a partial failure that names the wrong message"),
        (19, "state that leaks between invocations"),
        (20, "a message that becomes visible while it is worked on"),
        (21, "a throttled function"),
        (22, "writes that conflict"),
        (23, "a condition that fails"),
        (24, "a write whose answer is lost"),
        (25, "a throttled partition"),
        (26, "one account with most of the events"),
        (27, "a storm of events"),
        (28, "poison in a stream"),
        (29, "a stream that repeats itself"),
        (30, "a consumer that was down for more than a day"),
        (31, "a target that fails for a day"),
        (32, "a schedule that fires twice, late, or not at all"),
        (33, "a reconciliation that dies between two pages"),
        (34, "what is booked while pages are read"),
        (35, "a Stripe that asks to slow down"),
        (36, "a Stripe that fails or hangs"),
        (37, "the shared state of the budget out of reach"),
        (38, "an account that cut the platform off"),
        (39, "a clock that is wrong"),
        (40, "a secret that is rolled"),
        (41, "secrets out of reach for long"),
        (42, "an item that cannot be read"),
        (43, "a deployment that is rolled back"),
        (44, "a file in the bucket that is not written, or twice"),
        (45, "everything moved back from the dead letters"),
        (46, "a table restored to an earlier point"),
        (47, "a burst of cold starts"),
    ];

    fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rust_files(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }

    fn sources() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Vec::new();
        for folder in ["functions", "shared", "infra", "tests"] {
            rust_files(&root.join(folder), &mut files);
        }
        files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect()
    }

    /// The names of functions that are tests and are run as such: what a comment, a text
    /// or a call names counts for nothing.
    fn tests(sources: &[String]) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        for source in sources {
            let (mut is_test, mut is_ignored) = (false, false);
            let code = source.lines().map(str::trim);
            for line in code.filter(|line| !line.starts_with("//")) {
                let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
                if let Some(name) = words.skip_while(|word| *word != "fn").nth(1) {
                    if is_test && !is_ignored {
                        names.insert(name);
                    }
                    (is_test, is_ignored) = (false, false);
                } else if line.starts_with("#[") {
                    is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                    is_ignored |= line.starts_with("#[ignore");
                }
            }
        }
        names
    }

    /// The rows that no test is named after.
    fn missing(rows: &[(u8, &str)], prefix: &str) -> Vec<String> {
        let sources = sources();
        let tests = tests(&sources);
        let is_held = |row: u8| {
            let start = format!("{prefix}_{row:02}_");
            tests.iter().any(|name| name.starts_with(&start))
        };
        let open = rows.iter().filter(|(row, _)| !is_held(*row));
        open.map(|(row, what)| format!("{row}: {what}")).collect()
    }

    #[test]
    fn every_row_of_the_bad_input_matrix_has_a_test() {
        assert_eq!(missing(&BAD_INPUT, "row"), [""; 0]);
    }

    #[test]
    fn every_row_of_the_fault_matrix_has_a_test() {
        assert_eq!(missing(&FAULTS, "fault"), [""; 0]);
    }
}
