//! Whose turn it is.
//!
//! Every call of a port waits for a turn before its effect and for another before
//! its answer. Nothing goes on by itself: the run picks one of the calls that wait,
//! and only that one proceeds. So every interleaving of calls can be played, those
//! within one function included, and a function can be dropped at every await.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A call that waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    id: u64,
    /// The task that makes the call.
    pub task: usize,
    /// What is called, for the trace.
    pub call: &'static str,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiting>,
    granted: u64,
    running: usize,
    asked: u64,
}

/// The turns of one run.
#[derive(Debug, Default)]
pub struct Turns(Mutex<State>);

impl Turns {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub fn wait(&self, call: &'static str) -> Turn<'_> {
        Turn {
            turns: self,
            call,
            id: 0,
        }
    }

    /// How many calls wait.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// The calls that wait, in the order in which they began to.
    pub fn all(&self) -> Vec<Waiting> {
        let mut all = self.lock().waiting.clone();
        all.sort_unstable_by_key(|waiting| waiting.id);
        all
    }

    /// Gives the turn to the call at a place.
    pub fn grant_at(&self, place: usize) -> Option<Waiting> {
        let mut state = self.lock();
        if place >= state.waiting.len() {
            return None;
        }
        let waiting = state.waiting.swap_remove(place);
        state.granted = waiting.id;
        Some(waiting)
    }

    /// Gives the turn to a call.
    pub fn grant(&self, waiting: Waiting) {
        let mut state = self.lock();
        state.waiting.retain(|other| *other != waiting);
        state.granted = waiting.id;
    }
}

/// A wait for one turn.
#[derive(Debug)]
pub struct Turn<'a> {
    turns: &'a Turns,
    call: &'static str,
    /// 0 before it was asked for and after it was had.
    id: u64,
}

impl Future for Turn<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut state = this.turns.lock();
        if this.id == 0 {
            state.asked += 1;
            this.id = state.asked;
            let (id, task, call) = (this.id, state.running, this.call);
            state.waiting.push(Waiting { id, task, call });
            return Poll::Pending;
        }
        if state.granted != this.id {
            return Poll::Pending;
        }
        state.granted = 0;
        this.id = 0;
        Poll::Ready(())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.id != 0 {
            let id = self.id;
            self.turns.lock().waiting.retain(|waiting| waiting.id != id);
        }
    }
}

/// Something that runs.
pub type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Tasks by their numbers.
pub struct Crew<T>(Vec<Option<Task<T>>>);

impl<T> std::fmt::Debug for Crew<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crew({} busy)", self.0.iter().flatten().count())
    }
}

impl<T> Crew<T> {
    /// Room for so many tasks.
    pub fn new(size: usize) -> Self {
        Self((0..size).map(|_| None).collect())
    }

    /// Whether a place has no task.
    pub fn is_free(&self, place: usize) -> bool {
        self.0.get(place).is_some_and(Option::is_none)
    }

    /// The places that have a task.
    pub fn busy(&self) -> impl Iterator<Item = usize> {
        let places = self.0.iter().enumerate();
        places.filter_map(|(place, task)| task.is_some().then_some(place))
    }

    /// Puts a task into a place and runs it up to its first turn.
    pub fn start(&mut self, turns: &Turns, place: usize, task: Task<T>) -> Option<T> {
        *self.0.get_mut(place)? = Some(task);
        self.run(turns, place)
    }

    /// Runs a task up to its next turn. Gives its result when it is done.
    pub fn run(&mut self, turns: &Turns, place: usize) -> Option<T> {
        turns.lock().running = place;
        let slot = self.0.get_mut(place)?;
        let mut context = Context::from_waker(Waker::noop());
        match slot.as_mut()?.as_mut().poll(&mut context) {
            Poll::Ready(result) => {
                *slot = None;
                Some(result)
            }
            Poll::Pending => None,
        }
    }

    /// Drops a task where it is.
    pub fn crash(&mut self, place: usize) {
        if let Some(task) = self.0.get_mut(place) {
            *task = None;
        }
    }
}
