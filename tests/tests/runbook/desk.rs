//! Somebody on call: reads the page, runs its commands, looks whether it helped.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tokio::process::Command;

use crate::emulator::Emulator;
use crate::page::{Procedure, procedures};
use crate::road::{Road, eventually};

/// Done, and done with something found wrong.
const ANSWERED: [i32; 2] = [0, 2];

pub(crate) struct Desk<'r> {
    pub(crate) road: &'r Road,
    pub(crate) emulator: Emulator<'r>,
    procedures: BTreeMap<String, Procedure>,
}

/// What fills the words in capitals.
pub(crate) type Filling<'f> = &'f [(&'f str, &'f str)];

impl<'r> Desk<'r> {
    pub(crate) fn at(road: &'r Road) -> Self {
        Self {
            road,
            emulator: Emulator::of(&road.stack),
            procedures: procedures(),
        }
    }

    /// Looks as the section says, then runs those commands of its *Mend* that contain
    /// one of `mends`, each of which has to be there, then those of *Mended*. What
    /// those of *Mend* answered.
    pub(crate) async fn follow(
        &self,
        section: &str,
        filling: Filling<'_>,
        mends: &[&str],
    ) -> Vec<Value> {
        let mut answers = Vec::new();
        let procedure = &self.procedures[section];
        for command in &procedure.look {
            self.run_if_filled(command, filling).await;
        }
        for part in mends {
            let command = procedure.mend.iter().find(|command| command.contains(part));
            let command = command.unwrap_or_else(|| panic!("{section} does not say {part}"));
            let command = fill(command, filling);
            assert!(!has_blanks(&command), "{command}");
            answers.push(self.run(&command).await.0);
        }
        for command in &procedure.mended {
            self.run_if_filled(command, filling).await;
        }
        answers
    }

    async fn run_if_filled(&self, command: &str, filling: Filling<'_>) {
        let command = fill(command, filling);
        if !has_blanks(&command) {
            self.run(&command).await;
        }
    }

    /// Runs a command of the page; what it answers, and its exit status.
    pub(crate) async fn run(&self, command: &str) -> (Value, i32) {
        let stack = &self.road.stack;
        let ran = Command::new(tool())
            .args(words(command).into_iter().skip(1))
            .args(["--format", "json", "--stack", "tributary"])
            .args(["--region", &stack.region])
            .args(["--endpoint-url", &stack.endpoint_url])
            .env("USER", "oncall")
            .output()
            .await
            .unwrap();
        let status = ran.status.code().unwrap_or(-1);
        let (out, err) = (
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr),
        );
        assert!(
            ANSWERED.contains(&status),
            "{command}: {status}\n{out}\n{err}"
        );
        let answer = serde_json::from_str(&out);
        let answer = answer.unwrap_or_else(|error| panic!("{command}: {error}\n{out}"));
        (answer, status)
    }

    /// Waits until an alarm sounds, and the one behind which it notifies.
    pub(crate) async fn sounds(&self, alarm: &str, notifies: &str) {
        self.emulator.sounds(alarm, notifies).await;
    }

    /// An output of the stack.
    pub(crate) fn output(&self, name: &str) -> String {
        self.road.stack.output(name).unwrap().to_owned()
    }

    /// Waits until a queue is empty.
    pub(crate) async fn until_empty(&self, output: &str) {
        let url = self.road.stack.output(output).unwrap();
        eventually(output, || async {
            let depth = self.road.queues.depth(url).await.unwrap();
            depth.is_empty().then_some(())
        })
        .await;
    }
}

fn tool() -> PathBuf {
    tributary_demo::stack::root().join("target/debug/tributary")
}

pub(crate) fn fill(command: &str, filling: Filling<'_>) -> String {
    let words: Vec<_> = command
        .split(' ')
        .map(|word| {
            let bare = word.trim_matches('"');
            let filled = filling.iter().find(|(blank, _)| *blank == bare);
            filled.map_or_else(|| word.to_owned(), |(_, value)| format!("\"{value}\""))
        })
        .collect();
    words.join(" ")
}

/// Words in capitals are to be filled in.
fn has_blanks(command: &str) -> bool {
    let is_blank = |word: &str| {
        let bare = word.trim_matches('"');
        bare.len() > 1 && bare == word && bare.bytes().all(|b| b.is_ascii_uppercase())
    };
    command.split(' ').any(is_blank)
}

/// As a shell splits it: by spaces outside quotes.
pub(crate) fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}
