"""Where an organisation's people are: the directory file, which names the provider or holds the people.

    version: 1
    provider: entra                # entra, okta, google, scim or file
    entra:
      tenant: 01234567-89ab-cdef-0123-456789abcdef
      client: 01234567-89ab-cdef-0123-456789abcdef
      secret: {env: ENTRA_CLIENT_SECRET}          # or {file: PATH}; or certificate, or managed_identity
    roles:                         # names or ids of groups; msp_technician and msp_admin always count
      technician: [IT Support]
      admin: [IT Admins]
    fallback_group: IT Admins      # asked where there is no manager to ask; technicians if left out

A file without `provider` is a people file (`bot/directory/people.py`). Secrets stand in the environment or in
files of their own, never here. Paths start at the file's own folder.
"""

from bot.settings.directories.reading import DirectorySettings, directory_settings

__all__ = ["DirectorySettings", "directory_settings"]
