"""What other servers read of this place: who lives here, and their public posts, as ActivityStreams 2.0.

Read only: discovery (WebFinger, host-meta, NodeInfo), actors, posts and collections. Nothing here needs a sign-in, so
nothing here is for some people only.
"""
