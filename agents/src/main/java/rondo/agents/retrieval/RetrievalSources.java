package rondo.agents.retrieval;

import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;

/** What the routes read: one catalogue version, and the tables that grow beside it. */
public record RetrievalSources(Catalog catalog, Audience audience, CoVisits coVisits, Popularity popularity) {}
