//! What entries mean together: derived entries, brought up to date.
//!
//! Several workers may do that for one object, each with what it has read. So each
//! reads again after it has written, until there is nothing more to write: whoever
//! comes last has seen everything.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::ObjectId;
use tributary_ledger::{Book, Derived, Entry, Fact, Head, Overflow, Story, derive, revise};

use super::ports::{LedgerError, Node, Stories};

/// Objects that are read or explained side by side.
const SIDE_BY_SIDE: usize = 8;
/// Times that a family is read before somebody else has to try.
const ROUNDS_MAX: u32 = 8;
/// From an object to the one it belongs to, and so on: a reversal, its transfer, the
/// payment.
const STEPS_MAX: usize = 4;
/// Most objects of a family.
const FAMILY_MAX: usize = 2_000;

/// The object to explain because of an entry; `None` if nothing is ever derived from
/// entries of its kind.
pub fn concerned(entry: &Entry) -> Option<ObjectId> {
    let heads = [
        Head::CustomerFunds,
        Head::Sales,
        Head::TransfersIn,
        Head::TransfersOut,
        Head::DisputeClearing,
        Head::PayoutInTransit,
        Head::TopupInTransit,
    ];
    let told = entry
        .lines
        .iter()
        .any(|it| heads.contains(&it.account.head()));
    let source = &entry.source.as_ref().filter(|_| told)?.id;
    Some(entry.belongs_to().unwrap_or(source).clone())
}

/// Keeps a fact, joined with what is known of its object.
///
/// # Errors
/// When the ledger fails.
pub async fn learn<S: Stories>(stories: &S, book: &Book, fact: &Fact) -> Result<(), LedgerError> {
    for _ in 0..ROUNDS_MAX {
        let known = stories.node(book, &fact.id).await?.fact;
        let joined = match known.clone() {
            Some(known) => known.join(fact.clone()),
            None => fact.clone(),
        };
        if known.as_ref() == Some(&joined) {
            return Ok(());
        }
        let before = known.as_ref().map(|known| &known.sequence);
        match stories.learn(book, &joined, before).await {
            Err(LedgerError::Conflict) => {}
            answer => return answer,
        }
    }
    Err(LedgerError::Conflict)
}

/// What became of the stories of some objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explained {
    /// How many entries were derived.
    pub derived: usize,
    /// The roots of stories that cannot be told, and why: there are too many objects in
    /// one, an item of it is damaged, or a sum does not fit. What was derived of them
    /// stays as it was.
    pub unexplained: BTreeMap<ObjectId, String>,
}

/// Brings up to date what is derived from objects and those they belong with. A story
/// that cannot be told costs itself, and none of the others.
///
/// # Errors
/// When the ledger does not answer, or others are always first.
pub async fn explain<S: Stories>(
    stories: &S,
    book: &Book,
    objects: BTreeSet<ObjectId>,
) -> Result<Explained, LedgerError> {
    let each = stream::iter(objects).map(async |object| {
        let mut root = object.clone();
        let told = explain_one(stories, book, &object, &mut root).await;
        Ok::<_, LedgerError>((root, told))
    });
    let each = each.buffer_unordered(SIDE_BY_SIDE);
    each.try_fold(Explained::default(), async |mut sum, (root, told)| {
        match told {
            Ok(derived) => sum.derived += derived,
            Err(LedgerError::Invalid(why)) => {
                sum.unexplained.insert(root, why);
            }
            Err(error) => return Err(error),
        }
        Ok(sum)
    })
    .await
}

/// Explains one object, and says in `root` whose story it is, as far as that is known.
async fn explain_one<S: Stories>(
    stories: &S,
    book: &Book,
    object: &ObjectId,
    root: &mut ObjectId,
) -> Result<usize, LedgerError> {
    let mut written = 0;
    for _ in 0..ROUNDS_MAX {
        let family = Family::read(stories, book, object, root).await?;
        let revised = family.revised(book);
        let revised = revised.map_err(|overflow| LedgerError::Invalid(overflow.to_string()))?;
        if revised.is_empty() {
            return Ok(written);
        }
        for derived in &revised {
            match stories.derive(derived).await {
                Ok(()) => written += 1,
                // Somebody else has revised: on what, only reading tells.
                Err(LedgerError::Conflict) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Err(LedgerError::Conflict)
}

/// All objects that belong together with one.
#[derive(Debug, Default)]
struct Family {
    nodes: BTreeMap<ObjectId, Node>,
}

impl Family {
    async fn read<S: Stories>(
        stories: &S,
        book: &Book,
        object: &ObjectId,
        root: &mut ObjectId,
    ) -> Result<Self, LedgerError> {
        let mut family = Self::default();
        let mut up = Some(object.clone());
        for _ in 0..STEPS_MAX {
            let Some(object) = up.take_if(|up| !family.nodes.contains_key(up)) else {
                break;
            };
            root.clone_from(&object);
            let node = stories.node(book, &object).await?;
            up = node.belongs_to().cloned();
            family.nodes.insert(object, node);
        }
        loop {
            let unread = family.unread();
            if unread.is_empty() {
                return Ok(family);
            }
            if family.nodes.len() + unread.len() > FAMILY_MAX {
                let many = format!("{root} belongs with more than {FAMILY_MAX} objects");
                return Err(LedgerError::Invalid(many));
            }
            let each = stream::iter(unread).map(async |object: ObjectId| {
                let node = stories.node(book, &object).await?;
                Ok::<_, LedgerError>((object, node))
            });
            let read: Vec<_> = each.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
            family.nodes.extend(read);
        }
    }

    fn unread(&self) -> BTreeSet<ObjectId> {
        let members = self.nodes.values().flat_map(|node| &node.members);
        let unread = members.filter(|member| !self.nodes.contains_key(*member));
        unread.cloned().collect()
    }

    /// What has to be posted so that every story of the family is told as it is.
    fn revised(&self, book: &Book) -> Result<Vec<Derived>, Overflow> {
        let mut revised = Vec::new();
        for (root, node) in &self.nodes {
            let wanted = derive(&self.story(book, root))?;
            revised.extend(revise(&node.derived, &wanted)?);
        }
        Ok(revised)
    }

    /// The story of one object, with those that belong to it.
    fn story(&self, book: &Book, root: &ObjectId) -> Story {
        let mut story = Story::new(book.clone(), root.clone());
        let mut told = BTreeSet::new();
        let mut untold = vec![root];
        while let Some(object) = untold.pop() {
            let Some(node) = self.nodes.get(object).filter(|_| told.insert(object)) else {
                continue;
            };
            for entry in &node.entries {
                story.add_entry(entry.clone());
            }
            if let Some(fact) = &node.fact {
                story.add_fact(fact.clone());
            }
            untold.extend(&node.members);
        }
        story
    }
}

impl Node {
    fn belongs_to(&self) -> Option<&ObjectId> {
        let by_entry = self.entries.iter().find_map(Entry::belongs_to);
        by_entry.or_else(|| self.fact.as_ref()?.belongs_to())
    }
}
