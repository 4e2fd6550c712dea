//! What Stripe says about what happened, and what each notice has to lead to.

use tributary_domain::Change;

use super::draw::Hero;
use super::text::{Cover, snapshot, thin};
use super::{Expected, Notice, OWNERS, Rendering, Seen};
use crate::chance::Chance;
use crate::shapes::State;

const API_VERSION: &str = "2025-09-30.clover";
const OLD_API_VERSION: &str = "2020-08-27";
/// So far ahead that nothing of a run, not even its last look back, comes near it.
const FAR_AHEAD_S: i64 = 400 * 86_400;

/// Who writes the history.
pub(super) struct Author<'a> {
    pub(super) chance: &'a Chance,
    /// Now, unix seconds.
    pub(super) at: i64,
    pub(super) notices: Vec<Notice>,
}

/// What one event shows.
struct Shown<'a> {
    id: &'a str,
    kind: &'a str,
    at: i64,
    api_version: &'a str,
    state: State,
    before: Option<State>,
}

impl Author<'_> {
    /// Tells that an object changed, or is gone.
    pub(super) fn tell(
        &mut self,
        hero: Hero<'_>,
        kind: &str,
        after: Option<State>,
        before: Option<State>,
    ) {
        let id = self.event_id();
        let shown = self.shown(&id, kind, after.unwrap_or_else(|| hero.state()), before);
        self.publish(hero, &id, vec![rendering(hero, &shown)], Some(after));
    }

    /// Tells now how an object was at another time.
    pub(super) fn recall(&mut self, hero: Hero<'_>, at: i64, state: State) {
        let id = self.event_id();
        let mut shown = self.shown(&id, "updated", state, None);
        shown.at = at;
        self.publish(hero, &id, vec![rendering(hero, &shown)], None);
    }

    /// Tells a change with an amount that is no integer.
    pub(super) fn misprint(&mut self, hero: Hero<'_>, state: State) {
        let id = self.event_id();
        let mut rendering = rendering(hero, &self.shown(&id, "updated", state, None));
        rendering.body = rendering.body.replacen("\"amount\": ", "\"amount\": 0.", 1);
        rendering.pending_at = None;
        rendering.expected = Expected::Held("bad_amount");
        self.publish(hero, &id, vec![rendering], Some(Some(state)));
    }

    /// Tells a change that is said to come from the far future.
    pub(super) fn misdate(&mut self, hero: Hero<'_>, state: State) {
        let id = self.event_id();
        let mut shown = self.shown(&id, "updated", state, None);
        shown.at += FAR_AHEAD_S;
        let mut rendering = rendering(hero, &shown);
        rendering.expected = Expected::Fetch;
        self.publish(hero, &id, vec![rendering], Some(Some(state)));
    }

    /// Tells a change, and under the same id another one that never was.
    pub(super) fn fork(&mut self, hero: Hero<'_>, state: State, forged: State) {
        let id = self.event_id();
        let one = rendering(hero, &self.shown(&id, "updated", state, None));
        let other = rendering(hero, &self.shown(&id, "updated", forged, None));
        self.publish(hero, &id, vec![one, other], Some(Some(state)));
    }

    /// Tells one change in two API versions, whose renderings differ.
    pub(super) fn render_twice(&mut self, hero: Hero<'_>, state: State) {
        let id = self.event_id();
        let one = rendering(hero, &self.shown(&id, "updated", state, None));
        let mut older = self.shown(&id, "updated", state, None);
        older.api_version = OLD_API_VERSION;
        older.state.done += 1;
        let other = rendering(hero, &older);
        self.publish(hero, &id, vec![one, other], Some(Some(state)));
    }

    /// Tells of an invoice that exists in the event only.
    pub(super) fn preview(&mut self, hero: Hero<'_>) {
        let id = self.event_id();
        let cover = Cover {
            id: &id,
            owner: hero.thing.owner,
            live: hero.thing.fixed.live,
            at: self.at,
            api_version: API_VERSION,
            kind: "invoice.upcoming",
        };
        let object = r#"{"object": "invoice", "customer_email": "canary@example.com"}"#;
        let (body, pending_at) = snapshot(&cover, object, None);
        let rendering = Rendering {
            body,
            pending_at,
            expected: Expected::Record,
        };
        self.publish(hero, &id, vec![rendering], None);
    }

    fn event_id(&self) -> String {
        // Ids do not grow with time, so that the greatest is not always the last.
        let salt = self.chance.below(0x1_0000);
        format!("evt_{salt:04x}{:06}", self.notices.len())
    }

    fn shown<'a>(
        &self,
        id: &'a str,
        kind: &'a str,
        state: State,
        before: Option<State>,
    ) -> Shown<'a> {
        Shown {
            id,
            kind,
            at: self.at,
            api_version: API_VERSION,
            state,
            before,
        }
    }

    fn publish(
        &mut self,
        hero: Hero<'_>,
        id: &str,
        renderings: Vec<Rendering>,
        truth: Option<Option<State>>,
    ) {
        let thing = hero.thing;
        let mode = if thing.fixed.live { "live" } else { "test" };
        let owner = OWNERS.get(thing.owner).copied().unwrap_or_default();
        if let Some(after) = truth {
            let mut life = hero.life.get();
            life.state = after;
            hero.life.set(life);
        }
        self.notices.push(Notice {
            key: format!("{mode}#{owner}#{id}"),
            at: self.at,
            owner: thing.owner,
            renderings,
            thing: thing.number,
            truth: truth.map(|after| (thing.number, after)),
        });
    }
}

fn rendering(hero: Hero<'_>, shown: &Shown<'_>) -> Rendering {
    let thing = hero.thing;
    let shape = thing.shape;
    let kind = format!("{}.{}", shape.subject, shown.kind);
    let cover = Cover {
        id: shown.id,
        owner: thing.owner,
        live: thing.fixed.live,
        at: shown.at,
        api_version: shown.api_version,
        kind: &kind,
    };
    if shape.thin {
        return Rendering {
            body: thin(&cover, shape.kind, &thing.fixed.id),
            pending_at: None,
            expected: Expected::Fetch,
        };
    }
    let before = shown.before.filter(|_| shape.remembers());
    let previous = before.map(|before| shape.previous(&thing.fixed, before, shown.state));
    let object = shape.wire(&thing.fixed, shown.state);
    let (body, pending_at) = snapshot(&cover, &object, previous.as_deref());
    let change = match shown.kind {
        "created" => Change::Created,
        "deleted" => Change::Deleted,
        _ => Change::Changed,
    };
    Rendering {
        body,
        pending_at,
        expected: Expected::Version(Seen {
            thing: thing.number,
            at: shown.at,
            source: shown.id.to_owned(),
            change,
            body: shape.canonical(&thing.fixed, shown.state),
            previous,
        }),
    }
}
