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
    sign_in:                       # optional: accounts whose address proves nothing may sign in once
      issuer: https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0
      client: 01234567-89ab-cdef-0123-456789abcdef
      secret: {env: SIGN_IN_SECRET}
      subject: oid                 # the claim with the id that the directory knows; oid for Entra, else sub

A file without `provider` is a people file (`bot/directory/people.py`). Secrets stand in the environment or in
files of their own, never here. Paths start at the file's own folder.
"""

from bot.settings.directories.reading import DirectorySettings, directory_settings, provider_words

__all__ = ["DirectorySettings", "directory_settings", "provider_words"]
