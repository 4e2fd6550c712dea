//! A batch of the ledger's queue: events, books to pull, and what no event told.
//!
//! However many events there are of one book, it is pulled once, and the books with the
//! most money at stake are begun first. A pull that another
//! worker is at, or for which time runs out, is asked for anew: the message that
//! caused it is done.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;
use tributary_domain::change::DomainEvent;
use tributary_ledger::{Book, Fact};
use tributary_telemetry::value::Place;

use super::explain::learn;
use super::mark::{Mark, mark};
use super::ports::{
    Doubts, Ledger, ListError, Missed, PullQueue, PullRequest, Stories, Transactions, Watch,
};
use super::pull::{Ports, PullError, Pulled, Tally, pull};
use super::spans::Spans;

/// Books that one worker pulls side by side: while Stripe thinks about one, another
/// is posted. What Stripe can take is for its client to say.
const SIDE_BY_SIDE: usize = 4;
/// Seconds after which a book is looked at again that another worker is at: most pulls
/// are done by then, and to look once more costs one reading of the book's state.
const HELD_DELAY_S: u16 = 10;

/// A message of the ledger's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A domain event, as the bus has it.
    Event(Box<DomainEvent>),
    /// A book to pull.
    Pull(PullRequest),
    /// What no event told.
    Missed(Missed),
}

/// A message that is no event.
#[derive(Serialize, Deserialize)]
#[serde(tag = "tributary", rename_all = "snake_case")]
enum Order {
    Pull(PullRequest),
    Missed(Missed),
}

impl Message {
    /// Reads a message's body.
    ///
    /// # Errors
    /// When it is neither an event nor an order; the error quotes no value.
    pub fn read(body: &str) -> Result<Self, serde_json::Error> {
        match serde_json::from_str(body) {
            Ok(Order::Pull(request)) => Ok(Self::Pull(request)),
            Ok(Order::Missed(missed)) => Ok(Self::Missed(missed)),
            Err(_) => serde_json::from_str(body).map(Self::Event),
        }
    }
}

impl PullRequest {
    /// Itself as a message's body.
    pub fn to_body(&self) -> String {
        // A struct of texts and numbers: writing it cannot fail.
        serde_json::to_string(&Order::Pull(self.clone())).unwrap_or_default()
    }
}

impl Missed {
    /// Itself as a message's body.
    pub fn to_body(&self) -> String {
        // The same.
        serde_json::to_string(&Order::Missed(self.clone())).unwrap_or_default()
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worked {
    /// The messages that have to come again.
    pub failed: Vec<String>,
    /// What the pulls did.
    pub tally: Tally,
    /// Books that were pulled to the end.
    pub pulled: usize,
    /// Books that had been pulled far enough before.
    pub answered: usize,
    /// Books that were asked for anew.
    pub deferred: usize,
    /// Books that cannot be listed: closed to the platform, or of the other mode.
    pub unlisted: usize,
    /// Facts kept.
    pub facts: usize,
}

/// What is asked of one book.
#[derive(Debug, Default)]
struct Asked {
    /// Until when, unix seconds.
    until: i64,
    /// What all that ask are about together, minor units of any currency.
    stake: u64,
    /// The messages that ask.
    askers: BTreeSet<String>,
}

/// What a batch asks for, and which messages ask for it.
#[derive(Debug, Default)]
struct Batch {
    pulls: BTreeMap<(Book, Option<i64>), Asked>,
    facts: BTreeMap<(Book, ObjectId), (Fact, BTreeSet<String>)>,
}

impl Batch {
    fn add(&mut self, message_id: &str, message: Message) {
        let Mark { pulls, fact } = match message {
            Message::Pull(request) => Mark {
                pulls: vec![request],
                fact: None,
            },
            Message::Event(event) => mark(&event),
            Message::Missed(Missed { book, fact }) => Mark {
                pulls: Vec::new(),
                fact: Some((book, fact)),
            },
        };
        for request in pulls {
            let asked = self.pulls.entry((request.book, request.since)).or_default();
            asked.until = request.until.max(asked.until);
            asked.stake = asked.stake.saturating_add(request.stake);
            asked.askers.insert(message_id.to_owned());
        }
        if let Some((book, fact)) = fact {
            let key = (book, fact.id.clone());
            let (fact, mut askers) = match self.facts.remove(&key) {
                Some((known, askers)) => (known.join(fact), askers),
                None => (fact, BTreeSet::new()),
            };
            askers.insert(message_id.to_owned());
            self.facts.insert(key, (fact, askers));
        }
    }

    /// The books to pull, those with the most at stake first, and who asks for each. What
    /// is asked of one book is done in turn: the lease that keeps workers apart is the
    /// worker's, and two pulls of one would count what they add to a month on each other.
    fn by_stake(
        pulls: BTreeMap<(Book, Option<i64>), Asked>,
    ) -> Vec<Vec<(PullRequest, BTreeSet<String>)>> {
        let mut books: BTreeMap<Book, Vec<(PullRequest, BTreeSet<String>)>> = BTreeMap::new();
        for ((book, since), asked) in pulls {
            let request = PullRequest {
                book: book.clone(),
                until: asked.until,
                since,
                stake: asked.stake,
            };
            books.entry(book).or_default().push((request, asked.askers));
        }
        let mut books: Vec<_> = books.into_values().collect();
        books.sort_by_key(|pulls| Reverse(pulls.iter().map(|(one, _)| one.stake).max()));
        books
    }
}

impl Worked {
    /// Counts how the pull of a book ended. `false` if it has to come again.
    fn count(&mut self, book: &Book, ended: Result<Pulled, PullError>) -> bool {
        match ended {
            Ok(Pulled::Finished) => self.pulled += 1,
            Ok(Pulled::Answered) => self.answered += 1,
            Ok(Pulled::Held | Pulled::Paused) => self.deferred += 1,
            Err(PullError::List(error @ (ListError::Closed | ListError::OtherMode))) => {
                tributary_telemetry::warn!(
                    "a book cannot be listed",
                    code = "unlisted_book",
                    book = book,
                    error = error
                );
                self.unlisted += 1;
            }
            Err(error) => {
                tributary_telemetry::warn!(
                    "the pull has to come again",
                    book = book,
                    error = error
                );
                return false;
            }
        }
        true
    }
}

/// What messages ask for. Those that cannot be read have failed.
fn read(
    messages: impl IntoIterator<Item = (String, String)>,
    spans: &mut Spans,
    failed: &mut BTreeSet<String>,
) -> Batch {
    let mut batch = Batch::default();
    for (message_id, body) in messages {
        match Message::read(&body) {
            Ok(message) => {
                spans.begin(&message_id, &message);
                batch.add(&message_id, message);
            }
            Err(error) => {
                tributary_telemetry::error!(
                    "a message cannot be read",
                    code = "unreadable_message",
                    message_id = message_id,
                    error = Place::from(&error)
                );
                failed.insert(message_id);
            }
        }
    }
    batch
}

/// Does what a batch of messages, each with its id, asks for.
pub async fn work<T, L, D, W, Q>(
    ports: &Ports<'_, T, L, D, W>,
    queue: &Q,
    messages: impl IntoIterator<Item = (String, String)>,
) -> Worked
where
    T: Transactions,
    L: Ledger + Stories,
    D: Doubts,
    W: Watch,
    Q: PullQueue,
{
    let mut worked = Worked::default();
    let mut failed = BTreeSet::new();
    let mut spans = Spans::default();
    let batch = read(messages, &mut spans, &mut failed);
    let facts = stream::iter(batch.facts)
        .map(async |((book, _), (fact, askers))| (keep(ports, &book, &fact).await, askers));
    let facts: Vec<_> = facts.buffer_unordered(SIDE_BY_SIDE).collect().await;
    for (kept, askers) in facts {
        match kept {
            Ok(tally) => {
                worked.facts += 1;
                worked.tally.add(&tally);
            }
            Err(error) => {
                tributary_telemetry::warn!("a fact has to come again", error = error);
                failed.extend(askers);
            }
        }
    }
    let books = Batch::by_stake(batch.pulls).into_iter().map(|pulls| {
        let spanned = pulls.into_iter().map(|(request, askers)| {
            let span = spans.pull(&request, &askers);
            (request, span, askers)
        });
        spanned.collect::<Vec<_>>()
    });
    let books: Vec<_> = books.collect();
    let pulled = stream::iter(books).map(async |pulls| {
        let mut ends = Vec::new();
        for (request, mut span, askers) in pulls {
            let mut tally = Tally::default();
            let ended = pull_or_defer(ports, queue, &request, &mut tally).await;
            if ended.is_err() {
                span.fail();
            }
            ends.push((request.book, ended, tally, askers));
        }
        ends
    });
    let pulled: Vec<_> = pulled.buffer_unordered(SIDE_BY_SIDE).collect().await;
    for (book, ended, tally, askers) in pulled.into_iter().flatten() {
        worked.tally.add(&tally);
        if !worked.count(&book, ended) {
            failed.extend(askers);
        }
    }
    spans.end(&failed);
    worked.failed = failed.into_iter().collect();
    worked
}

/// Keeps a fact, and derives what follows from it.
async fn keep<T, L: Stories, D: Doubts, W: Watch>(
    ports: &Ports<'_, T, L, D, W>,
    book: &Book,
    fact: &Fact,
) -> Result<Tally, PullError> {
    learn(ports.ledger, book, fact).await?;
    let object = fact.belongs_to().unwrap_or(&fact.id);
    let (objects, mut tally) = (BTreeSet::from([object.clone()]), Tally::default());
    ports.explain(book, objects, &mut tally).await?;
    Ok(tally)
}

async fn pull_or_defer<T, L, D, W, Q>(
    ports: &Ports<'_, T, L, D, W>,
    queue: &Q,
    request: &PullRequest,
    tally: &mut Tally,
) -> Result<Pulled, PullError>
where
    T: Transactions,
    L: Ledger + Stories,
    D: Doubts,
    W: Watch,
    Q: PullQueue,
{
    let ended = match ports.watch.has_time() {
        true => pull(ports, request, tally).await?,
        false => Pulled::Paused,
    };
    match ended {
        Pulled::Held => queue.request(request, HELD_DELAY_S).await?,
        Pulled::Paused => queue.request(request, 0).await?,
        Pulled::Finished | Pulled::Answered => {}
    }
    Ok(ended)
}
