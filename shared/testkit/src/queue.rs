//! A standard queue as SQS promises it: at least once, in any order, hidden while
//! a consumer works, and to the dead letters after too many receives.
//!
//! It draws nothing by itself. Who calls decides which message comes next and what
//! goes wrong, so that a run can be repeated.

/// What a queue is set to.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Seconds for which a message that was received is hidden.
    pub visibility_s: i64,
    /// Receives after which a message goes to the dead letters instead.
    pub receives_max: u32,
}

/// A message in the hands of a consumer.
#[derive(Debug, Clone)]
pub struct Received<T> {
    /// The queue's handle. A later receive makes it void.
    pub handle: Handle,
    /// The message.
    pub payload: T,
}

/// One receive of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    message: u64,
    receive: u32,
}

#[derive(Debug)]
struct Entry<T> {
    message: u64,
    receives: u32,
    visible_at: i64,
    payload: T,
}

/// The queue with its dead letters.
#[derive(Debug)]
pub struct SimQueue<T> {
    rules: Rules,
    visible: Vec<Entry<T>>,
    hidden: Vec<Entry<T>>,
    dead: Vec<T>,
    sent: u64,
}

impl<T: Clone> SimQueue<T> {
    /// An empty queue.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            visible: Vec::new(),
            hidden: Vec::new(),
            dead: Vec::new(),
            sent: 0,
        }
    }

    /// Takes a message, to be seen from `visible_at` on (unix seconds).
    pub fn send(&mut self, payload: T, visible_at: i64) {
        self.sent += 1;
        self.hidden.push(Entry {
            message: self.sent,
            receives: 0,
            visible_at,
            payload,
        });
    }

    /// Hands out one message that is visible at `now`; `pick` chooses among so many.
    /// Those received too often go to the dead letters on the way.
    pub fn receive(
        &mut self,
        now: i64,
        mut pick: impl FnMut(usize) -> usize,
    ) -> Option<Received<T>> {
        self.surface(now);
        while !self.visible.is_empty() {
            let place = pick(self.visible.len()).min(self.visible.len() - 1);
            let mut entry = self.visible.swap_remove(place);
            if entry.receives >= self.rules.receives_max {
                self.dead.push(entry.payload);
                continue;
            }
            entry.receives += 1;
            entry.visible_at = now + self.rules.visibility_s;
            let received = Received {
                handle: Handle {
                    message: entry.message,
                    receive: entry.receives,
                },
                payload: entry.payload.clone(),
            };
            self.hidden.push(entry);
            return Some(received);
        }
        None
    }

    /// Deletes a message, unless it was received again since: then the handle is
    /// void and the message stays.
    pub fn delete(&mut self, handle: Handle) -> bool {
        for entries in [&mut self.hidden, &mut self.visible] {
            let found = entries
                .iter()
                .position(|entry| entry.message == handle.message);
            if let Some(place) = found {
                let current = entries.get(place).map(|entry| entry.receives);
                if current == Some(handle.receive) {
                    entries.swap_remove(place);
                    return true;
                }
            }
        }
        false
    }

    /// Shows a message again at `at`, before its time: another consumer gets it
    /// while the first still works, or a deletion that a replica missed.
    pub fn show(&mut self, handle: Handle, at: i64) {
        let found = self
            .hidden
            .iter_mut()
            .find(|entry| entry.message == handle.message);
        if let Some(entry) = found {
            entry.visible_at = at;
        }
    }

    /// Moves the dead letters back. Their receives are counted anew.
    pub fn redrive(&mut self, now: i64) -> usize {
        let dead = std::mem::take(&mut self.dead);
        let moved = dead.len();
        for payload in dead {
            self.send(payload, now);
        }
        moved
    }

    /// When the next hidden message can be seen, unix seconds; `None` if there is
    /// none hidden.
    pub fn next_visible_at(&self) -> Option<i64> {
        self.hidden.iter().map(|entry| entry.visible_at).min()
    }

    /// How many messages can be received at `now`.
    pub fn visible(&mut self, now: i64) -> usize {
        self.surface(now);
        self.visible.len()
    }

    /// How many messages there are, dead letters apart.
    pub fn len(&self) -> usize {
        self.visible.len() + self.hidden.len()
    }

    /// Whether there are none, dead letters apart.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The dead letters.
    pub fn dead(&self) -> &[T] {
        &self.dead
    }

    fn surface(&mut self, now: i64) {
        let mut place = 0;
        while let Some(entry) = self.hidden.get(place) {
            if entry.visible_at <= now {
                let entry = self.hidden.swap_remove(place);
                self.visible.push(entry);
            } else {
                place += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> SimQueue<char> {
        SimQueue::new(Rules {
            visibility_s: 30,
            receives_max: 2,
        })
    }

    fn first(queue: &mut SimQueue<char>, now: i64) -> Option<Received<char>> {
        queue.receive(now, |_| 0)
    }

    #[test]
    fn what_is_received_is_hidden_until_its_time() {
        let mut queue = queue();
        queue.send('a', 0);
        assert_eq!(first(&mut queue, 0).unwrap().payload, 'a');
        assert!(first(&mut queue, 29).is_none());
        assert_eq!(queue.next_visible_at(), Some(30));
        assert_eq!(first(&mut queue, 30).unwrap().payload, 'a');
    }

    #[test]
    fn a_delayed_message_waits() {
        let mut queue = queue();
        queue.send('a', 10);
        assert_eq!(queue.visible(9), 0);
        assert_eq!(queue.visible(10), 1);
    }

    #[test]
    fn a_handle_is_void_after_the_next_receive() {
        let mut queue = queue();
        queue.send('a', 0);
        let slow = first(&mut queue, 0).unwrap();
        let fast = first(&mut queue, 30).unwrap();
        assert!(!queue.delete(slow.handle));
        assert!(queue.delete(fast.handle));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_handle_outlives_the_visibility() {
        let mut queue = queue();
        queue.send('a', 0);
        let slow = first(&mut queue, 0).unwrap();
        assert_eq!(queue.visible(30), 1);
        assert!(queue.delete(slow.handle));
        assert!(queue.is_empty());
    }

    #[test]
    fn what_was_received_too_often_is_a_dead_letter_until_it_is_moved_back() {
        let mut queue = queue();
        queue.send('a', 0);
        for now in [0, 30] {
            assert!(first(&mut queue, now).is_some());
        }
        assert!(first(&mut queue, 60).is_none());
        assert_eq!((queue.dead(), queue.len()), (['a'].as_slice(), 0));
        assert_eq!(queue.redrive(60), 1);
        assert!(first(&mut queue, 60).is_some());
        assert!(first(&mut queue, 90).is_some(), "receives count anew");
    }

    #[test]
    fn what_is_shown_early_is_received_twice() {
        let mut queue = queue();
        queue.send('a', 0);
        let one = first(&mut queue, 0).unwrap();
        queue.show(one.handle, 1);
        assert!(first(&mut queue, 1).is_some());
    }
}
