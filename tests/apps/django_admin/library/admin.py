"""The admin of authors and books, with the widgets that bring scripts and windows of their own."""

from __future__ import annotations

from django.contrib import admin

from library.models import Author, Book

admin.site.register(Author)


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ("title", "author", "published")
    list_filter = ("author",)
    search_fields = ("title",)
    date_hierarchy = "published"
