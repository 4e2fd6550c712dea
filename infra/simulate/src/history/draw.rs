//! Drawing a history by seed: scenes of one second in the lives of objects.

use std::cell::Cell;

use tributary_pipeline::message::INLINE_BYTES_MAX;

use super::tell::Author;
use super::{History, OWNERS, START, Thing};
use crate::chance::Chance;
use crate::shapes::{Fixed, SHAPES, State};

/// Draws a history of at least so many events.
pub(crate) fn draw(chance: &Chance, events_min: usize) -> History {
    let things = things(chance);
    let lives = vec![Cell::new(Life::default()); things.len()];
    let mut author = Author {
        chance,
        at: START,
        notices: Vec::with_capacity(events_min + 20),
    };
    while author.notices.len() < events_min {
        author.at += chance.between(0, 9);
        let number = chance.below(things.len());
        if let Some((thing, life)) = things.get(number).zip(lives.get(number)) {
            author.scene(Hero { thing, life });
        }
    }
    History {
        notices: author.notices,
        things,
    }
}

fn things(chance: &Chance) -> Vec<Thing> {
    let mut things: Vec<Thing> = Vec::with_capacity(40);
    for number in 0..chance.between(16, 40) {
        let owner = chance.below(OWNERS.len());
        let live = chance.below(10) > 0;
        let amount = chance.between(1, 99_999);
        let Some((shape, name)) = chance.of(SHAPES).zip(OWNERS.get(owner)) else {
            continue;
        };
        let id = match shape.prefix {
            "" => shape.kind.to_owned(),
            prefix => format!("{prefix}{number}"),
        };
        let mode = if live { "live" } else { "test" };
        let key = format!("{mode}#{name}#{}#{id}", shape.kind);
        if things.iter().any(|thing| thing.key == key) {
            continue;
        }
        things.push(Thing {
            number: things.len(),
            shape,
            fixed: Fixed {
                id,
                live,
                amount,
                mark: mark(chance),
            },
            owner,
            key,
        });
    }
    things
}

/// Nothing, as a rule. Else a character that SQS refuses, or more than it takes.
fn mark(chance: &Chance) -> String {
    match chance.below(40_000) {
        0 => "x".repeat(INLINE_BYTES_MAX + 1),
        1..=1000 => "\u{FFFE}".to_owned(),
        _ => String::new(),
    }
}

/// How an object stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Life {
    /// `None` before its birth and after its death.
    pub(super) state: Option<State>,
    /// How many states it had: a counter that never goes back.
    states: u32,
    /// The last second in which something happened to it.
    touched: i64,
}

/// The object of a scene.
#[derive(Clone, Copy)]
pub(super) struct Hero<'a> {
    pub(super) thing: &'a Thing,
    pub(super) life: &'a Cell<Life>,
}

impl Hero<'_> {
    /// The state that it is in, or was in last.
    pub(super) fn state(&self) -> State {
        self.life.get().state.unwrap_or_default()
    }

    /// The next state, unlike all before.
    fn next(&self, chance: &Chance) -> State {
        let mut life = self.life.get();
        life.states += 1;
        self.life.set(life);
        let before = self.state();
        let more = chance.below(3) == 0;
        let status = chance.below(self.thing.shape.statuses());
        State {
            note: life.states,
            status: if more { status } else { before.status },
            done: before.done + u32::from(more),
        }
    }
}

impl Author<'_> {
    fn scene(&mut self, hero: Hero<'_>) {
        // What happened to it in this second already could not be told from this.
        if hero.life.get().touched == self.at {
            self.at += 1;
        }
        let shape = hero.thing.shape;
        let Life { state, states, .. } = hero.life.get();
        let lives_once = shape.kind != "coupon";
        match (state, self.chance.below(26)) {
            (None, _) if states > 0 && lives_once => self.late(hero),
            (None, _) => self.birth(hero),
            (Some(_), 0..=9) => self.updates(hero, 1),
            (Some(_), 10..=12) => self.updates(hero, 2),
            (Some(_), 13) => self.updates(hero, 3),
            (Some(_), 14 | 15) => self.tie(hero),
            (Some(_), 16) => self.echo(hero),
            (Some(home), 17) if shape.remembers() => self.cycle(hero, home),
            (Some(_), 18 | 19) if shape.dies => self.death(hero),
            (Some(_), 20) => self.wrong_amount(hero),
            (Some(_), 21) => self.preview(hero),
            (Some(_), 22) if self.chance.below(20) == 0 => self.crowd(hero),
            (Some(_), 23) => self.ahead_of_time(hero),
            (Some(_), 24) if !shape.thin => self.two_bodies(hero),
            (Some(_), 25) if !shape.thin => self.two_renderings(hero),
            (Some(_), _) => self.updates(hero, 1),
        }
        let mut life = hero.life.get();
        life.touched = self.at;
        hero.life.set(life);
    }

    fn birth(&mut self, hero: Hero<'_>) {
        let state = hero.next(self.chance);
        self.tell(hero, hero.thing.shape.born, Some(state), None);
        if self.chance.below(3) == 0 {
            self.updates(hero, 1 + self.chance.below(2));
        }
    }

    /// Updates of one second, each saying what was before.
    fn updates(&mut self, hero: Hero<'_>, count: usize) {
        for _ in 0..count {
            let before = hero.state();
            let after = hero.next(self.chance);
            self.tell(hero, "updated", Some(after), Some(before));
        }
    }

    /// Two states of one second that nothing puts in order.
    fn tie(&mut self, hero: Hero<'_>) {
        for _ in 0..2 {
            let state = hero.next(self.chance);
            self.tell(hero, "updated", Some(state), None);
        }
    }

    /// One change under two event ids.
    fn echo(&mut self, hero: Hero<'_>) {
        let before = hero.state();
        let after = hero.next(self.chance);
        self.tell(hero, "updated", Some(after), Some(before));
        self.tell(hero, "updated", Some(after), Some(before));
    }

    /// There and back within one second.
    fn cycle(&mut self, hero: Hero<'_>, home: State) {
        let away = hero.next(self.chance);
        self.tell(hero, "updated", Some(away), Some(home));
        self.tell(hero, "updated", Some(home), Some(away));
    }

    /// More versions of one second than a row keeps.
    fn crowd(&mut self, hero: Hero<'_>) {
        for _ in 0..18 {
            let state = hero.next(self.chance);
            self.tell(hero, "updated", Some(state), None);
        }
    }

    fn death(&mut self, hero: Hero<'_>) {
        if self.chance.below(2) == 0 {
            self.updates(hero, 1);
        }
        self.tell(hero, "deleted", None, None);
    }

    /// News of an object that is gone, from before it went.
    fn late(&mut self, hero: Hero<'_>) {
        let died_at = hero.life.get().touched;
        let state = hero.next(self.chance);
        let at = died_at - self.chance.between(1, 50);
        self.recall(hero, at, state);
    }

    /// Shown wrongly by the event; a fetch shows it rightly.
    fn wrong_amount(&mut self, hero: Hero<'_>) {
        let state = hero.next(self.chance);
        if hero.thing.shape.has_amount() {
            self.misprint(hero, state);
        } else {
            self.tell(hero, "updated", Some(state), None);
        }
    }

    fn ahead_of_time(&mut self, hero: Hero<'_>) {
        let state = hero.next(self.chance);
        self.misdate(hero, state);
    }

    /// Another body under a known id: what comes first counts.
    fn two_bodies(&mut self, hero: Hero<'_>) {
        let state = hero.next(self.chance);
        let forged = hero.next(self.chance);
        self.fork(hero, state, forged);
    }

    /// One event, rendered in two API versions for two endpoints.
    fn two_renderings(&mut self, hero: Hero<'_>) {
        let state = hero.next(self.chance);
        self.render_twice(hero, state);
    }
}
