//! Claims: who was first, told to all instances in one order.
//!
//! In: the articles of a batch that an instance is about to judge. Out: the claims of all instances since the last time, in an order that is
//! the same for everyone. Always: the first claim of an origin stands, so that a claim may be made twice; bytes from outside never panic.
//!
//! No story may be lost where instances disagree (a store that was emptied): of two copies, each must not name the other as its original. So an
//! article names another only if that other
//! 1. is committed, or
//! 2. is of the same instance, and committed before it, or
//! 3. stands earlier in the order that the store keeps now.
//!
//! Each reading of a record claims it anew: a later verdict on the article that was named rests on this order or on a later one, so names never
//! form a circle.
//!
//! An instance that judges every claim in that order, its own and the others', decides as all others do, before anything is committed.
//! The index stays where it is: what is shared is the order alone.

use std::sync::Arc;

use crate::article::Origin;
use crate::dedupe::Fingerprint;

/// Milliseconds that a claim stands without the commit of its verdict. Long enough for a killed instance's partitions to move and its
/// records to be read again; short enough that the claim of a record which never comes again accuses nobody for long.
pub const CLAIM_MS: i64 = 15 * 60_000;

/// Longest id or topic in a claim's bytes.
const TEXT_MAX: usize = u16::MAX as usize;

const VERSION: u8 = 1;

/// An article that an instance is about to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it was read.
    pub origin: Origin,
    /// Its id, as the record gave it.
    pub id: String,
    /// Its time, in milliseconds since the epoch.
    pub time_ms: i64,
    /// When the claim was made, by the store's clock, in milliseconds since the epoch; 0 until the store has seen it.
    pub at_ms: i64,
    /// What it is compared by.
    pub fingerprint: Fingerprint,
}

/// What an exchange brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// The claims of all since the last exchange, in their order.
    pub claims: Vec<Claim>,
    /// The order that went before is lost, and these claims begin another one.
    pub begins_anew: bool,
    /// The store has answered: what was claimed is among the claims, or was before, or comes where it goes on.
    pub is_answer: bool,
    /// More stands in the store, which [`Claims::go_on`] brings: a long answer comes in portions, so that no more is held at once.
    pub goes_on: bool,
}

/// Where claims are exchanged.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Claims {
    /// Whether other instances see the claims.
    fn is_shared(&self) -> bool;
    /// Make claims, and learn of all that were made since the last call, these included, in the one order. Without a store that answers,
    /// nothing is learnt, and the batch is judged by what is known.
    async fn exchange(&self, claims: Vec<Claim>) -> News;
    /// The next portion of an answer that goes on.
    async fn go_on(&self) -> News;
}

/// The only one who judges, or one that learns of the others by their commits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Claims for Alone {
    fn is_shared(&self) -> bool {
        false
    }

    async fn exchange(&self, _: Vec<Claim>) -> News {
        News::default()
    }

    async fn go_on(&self) -> News {
        News::default()
    }
}

/// With a store or without.
impl<C: Claims> Claims for Option<C> {
    fn is_shared(&self) -> bool {
        self.as_ref().is_some_and(Claims::is_shared)
    }

    async fn exchange(&self, claims: Vec<Claim>) -> News {
        match self {
            Some(store) => store.exchange(claims).await,
            None => Alone.exchange(claims).await,
        }
    }

    async fn go_on(&self) -> News {
        match self {
            Some(store) => store.go_on().await,
            None => Alone.go_on().await,
        }
    }
}

/// Claims as bytes. A claim whose id is beyond all measure is left out: it is judged without one.
pub fn to_bytes(claims: &[Claim]) -> Vec<u8> {
    let mut out = vec![VERSION];
    for claim in claims {
        let Origin {
            topic,
            partition,
            offset,
            position,
        } = &claim.origin;
        let fingerprint = claim.fingerprint.to_bytes();
        if topic.len().max(claim.id.len()).max(fingerprint.len()) > TEXT_MAX {
            continue;
        }
        for text in [topic.as_bytes(), claim.id.as_bytes(), &fingerprint] {
            out.extend((text.len() as u16).to_le_bytes());
            out.extend(text);
        }
        out.extend(partition.to_le_bytes());
        out.extend(offset.to_le_bytes());
        out.extend(position.to_le_bytes());
        out.extend(claim.time_ms.to_le_bytes());
    }
    out
}

/// Read what [`to_bytes`] wrote; `None` where it is anything else.
pub fn from_bytes(bytes: &[u8], at_ms: i64) -> Option<Vec<Claim>> {
    let (&VERSION, mut rest) = bytes.split_first()? else {
        return None;
    };
    let mut claims = Vec::new();
    while !rest.is_empty() {
        claims.push(read(&mut rest, at_ms)?);
    }
    Some(claims)
}

fn read(rest: &mut &[u8], at_ms: i64) -> Option<Claim> {
    let topic: Arc<str> = std::str::from_utf8(text(rest)?).ok()?.into();
    let id = std::str::from_utf8(text(rest)?).ok()?.to_owned();
    let fingerprint = Fingerprint::from_bytes(text(rest)?).ok()?;
    let origin = Origin {
        topic,
        partition: i32::from_le_bytes(take(rest)?),
        offset: i64::from_le_bytes(take(rest)?),
        position: u32::from_le_bytes(take(rest)?),
    };
    Some(Claim {
        origin,
        id,
        time_ms: i64::from_le_bytes(take(rest)?),
        at_ms,
        fingerprint,
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*head)
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16::from_le_bytes(take(rest)?);
    let (text, after) = rest.split_at_checked(usize::from(length))?;
    *rest = after;
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dedupe::{Document, fingerprint};

    fn claim(offset: i64, text: &str) -> Claim {
        Claim {
            origin: Origin {
                topic: "raw".into(),
                partition: 2,
                offset,
                position: 1,
            },
            id: format!("id \"{offset}\""),
            time_ms: -5,
            at_ms: 77,
            fingerprint: fingerprint(&Document {
                text,
                ..Document::default()
            }),
        }
    }

    #[test]
    fn claims_read_back_as_they_were_written() {
        let claims = [claim(1, "Some words of an article."), claim(2, "")];
        assert_eq!(from_bytes(&to_bytes(&claims), 77).as_deref(), Some(&claims[..]));
        assert_eq!(from_bytes(&to_bytes(&[]), 77), Some(Vec::new()));
    }

    #[test]
    fn a_claim_that_does_not_fit_is_left_out() {
        let mut long = claim(1, "x");
        long.id = "x".repeat(TEXT_MAX + 1);
        assert_eq!(
            from_bytes(&to_bytes(&[long, claim(2, "y")]), 77),
            Some(vec![claim(2, "y")])
        );
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_claims_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 1_usize..60) {
            if let Some(claims) = from_bytes(&bytes, 0) {
                prop_assert_eq!(to_bytes(&claims).len(), bytes.len());
            }
            let whole = to_bytes(&[claim(1, "Some words of an article.")]);
            prop_assert_eq!(from_bytes(&whole[..whole.len() - cut], 0).is_none_or(|c| c.is_empty()), true);
        }
    }
}
